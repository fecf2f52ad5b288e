"""Exceptions and authority: which rules only work when someone bends them, and who may be told no (SPEC 4.3).

Every function takes the events as an Ibis table of ledger columns, on any engine, and gives a table of `tables`.
"""

from aboveboard.analyses.exceptions.tables import TABLES

__all__ = ["TABLES"]
