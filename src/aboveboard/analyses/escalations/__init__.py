"""Escalations: which of them changed anything for the customer, and which need not have climbed (SPEC 4.5).

Every function takes the events as an Ibis table of ledger columns, on any engine, or an earlier table, and gives a
table of `tables`. What is counted by person is no part of a run: `by_employee` gives it on request, with a reason.
"""

from aboveboard.analyses.escalations.by_employee import OnRequest, ReasonError, by_employee
from aboveboard.analyses.escalations.changes import CHANGES, Change
from aboveboard.analyses.escalations.escalations import escalations
from aboveboard.analyses.escalations.summary import summary
from aboveboard.analyses.escalations.tables import TABLES

__all__ = ["CHANGES", "TABLES", "Change", "OnRequest", "ReasonError", "by_employee", "escalations", "summary"]
