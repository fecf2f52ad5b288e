"""Formulas of time: the tree, and the way from text to it. `playbook.formulas` is the door."""
