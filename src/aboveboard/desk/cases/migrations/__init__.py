"""The tables of cases, as they came to be."""
