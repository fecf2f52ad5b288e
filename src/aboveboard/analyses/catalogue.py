"""Every table of every family of analyses: what the report, the reference page and the tests go by."""

from __future__ import annotations

from aboveboard.analyses.attribution import tables as attribution
from aboveboard.analyses.claims import tables as claims
from aboveboard.analyses.conflicts import tables as conflicts
from aboveboard.analyses.enablement import tables as enablement
from aboveboard.analyses.episodes import tables as episodes
from aboveboard.analyses.escalations import tables as escalations
from aboveboard.analyses.exceptions import denial_tables as denials
from aboveboard.analyses.exceptions import tables as exceptions
from aboveboard.analyses.fixes import tables as fixes
from aboveboard.analyses.journeys import tables as journeys
from aboveboard.analyses.money import tables as money
from aboveboard.analyses.problems import tables as problems
from aboveboard.analyses.procedures import tables as procedures
from aboveboard.analyses.promises import tables as promises
from aboveboard.analyses.shared.tables import TableSpec
from aboveboard.analyses.voice import tables as voice
from aboveboard.analyses.words import tables as words

FAMILIES: tuple[tuple[str, tuple[TableSpec, ...]], ...] = (
    ("Promises", promises.TABLES),
    ("Episodes and hand-offs", episodes.TABLES),
    ("Journeys", journeys.TABLES),
    ("Procedures", procedures.TABLES),
    ("Exceptions and authority", exceptions.TABLES),
    ("Denials and abuse", denials.TABLES),
    ("Escalations", escalations.TABLES),
    ("Claims", claims.TABLES),
    ("Wording", words.TABLES),
    ("Voice", voice.TABLES),
    ("System or person", attribution.TABLES),
    ("Fixes", fixes.TABLES),
    ("Problems", problems.TABLES),
    ("Enablement", enablement.TABLES),
    ("Conflicts", conflicts.TABLES),
    ("Money", money.TABLES),
)
"""The title of each family, and its tables."""

SPECS: dict[str, TableSpec] = {spec.name: spec for _, specs in FAMILIES for spec in specs}
