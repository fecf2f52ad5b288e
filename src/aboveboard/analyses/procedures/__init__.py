"""Procedures: was each step done right, who was asked again after a no, and which steps help the customer, and where (SPEC 4.4)?

Every function takes the events as an Ibis table of ledger columns, on any engine, and gives a table of `tables`.
"""

from aboveboard.analyses.procedures.duties import duties
from aboveboard.analyses.procedures.insistence import insistence
from aboveboard.analyses.procedures.steps import steps
from aboveboard.analyses.procedures.tables import TABLES

__all__ = ["TABLES", "duties", "insistence", "steps"]
