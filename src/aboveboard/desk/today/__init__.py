"""The first page: what waits for whoever looks, what is new, and how fresh it all is."""
