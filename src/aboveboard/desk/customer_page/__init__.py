"""The customer's own page: what is true of their case, by a link, without an account."""
