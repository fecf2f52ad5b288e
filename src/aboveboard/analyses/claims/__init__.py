"""Claims: what customers are told, held against what the record shows (SPEC 4.5), and what is promised by word (4.1)."""

from aboveboard.analyses.claims import drafts
from aboveboard.analyses.claims.claims import claims
from aboveboard.analyses.claims.commitments import as_promises, commitments, with_promises
from aboveboard.analyses.claims.dissonance import dissonance
from aboveboard.analyses.claims.summary import ReasonError, by_employee, summary
from aboveboard.analyses.claims.tables import TABLES

__all__ = [
    "TABLES",
    "ReasonError",
    "as_promises",
    "by_employee",
    "claims",
    "commitments",
    "dissonance",
    "drafts",
    "summary",
    "with_promises",
]
