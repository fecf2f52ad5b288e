"""Exceptions and authority: which rules only work when someone bends them, and who may be told no (SPEC 4.3).

Every function takes the events as an Ibis table of ledger columns, on any engine, and gives a table of `tables`.
"""

from aboveboard.analyses.exceptions.abuse import Judgement, Rules, abuse, judge
from aboveboard.analyses.exceptions.denials import denials
from aboveboard.analyses.exceptions.denials import summary as denial_summary
from aboveboard.analyses.exceptions.ordinary import ordinary
from aboveboard.analyses.exceptions.policies import clauses, policies
from aboveboard.analyses.exceptions.relaxations import relaxations
from aboveboard.analyses.exceptions.replay import replay
from aboveboard.analyses.exceptions.requests import requests
from aboveboard.analyses.exceptions.tables import TABLES

__all__ = [
    "TABLES",
    "Judgement",
    "Rules",
    "abuse",
    "clauses",
    "denial_summary",
    "denials",
    "judge",
    "ordinary",
    "policies",
    "relaxations",
    "replay",
    "requests",
]
