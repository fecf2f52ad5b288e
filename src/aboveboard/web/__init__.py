"""The site shell: configuration and settings, which everything that needs the operational database starts from."""
