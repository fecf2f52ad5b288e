"""The tables of problems, as they came to be."""
