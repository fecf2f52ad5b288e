"""Rules over a situation as exact formulas and z3 terms: on these stands the search for rules that cannot all be kept."""
