"""Claims: what customers are told, held against what the record shows (SPEC 4.5)."""
