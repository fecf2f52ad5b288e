"""Events that come from outside: files with their mapping, looked at before they are taken in, and events by API."""
