"""Conflicts: which rules cannot all be kept, how many real cases that struck, and what would free them (SPEC 4.10)?

The proof is `aboveboard.prover`'s and needs no events; here it is laid over them. The functions take the events as an Ibis
table of ledger columns, on any engine, and give tables of `tables`.
"""

from aboveboard.analyses.conflicts.cases import cases
from aboveboard.analyses.conflicts.conflicts import conflicts
from aboveboard.analyses.conflicts.proving import boxes, edits, proof, remarks
from aboveboard.analyses.conflicts.tables import TABLES

__all__ = ["TABLES", "boxes", "cases", "conflicts", "edits", "proof", "remarks"]
