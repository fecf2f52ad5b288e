"""Findings: rows of the analyses that somebody should act on, each said in one plain sentence with its evidence."""
