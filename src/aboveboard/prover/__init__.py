"""Rules over a situation as exact formulas and z3 terms: what the search for rules that cannot all be kept stands on (SPEC 4.10)."""
