"""What a run does, family by family: one module each, which names its tables in the order in which they are made."""

from __future__ import annotations

from aboveboard.reports.plan import (
    attribution,
    claims,
    conflicts,
    denials,
    enablement,
    episodes,
    escalations,
    exceptions,
    fixes,
    journeys,
    money,
    problems,
    procedures,
    promises,
    voice,
    words,
)
from aboveboard.reports.plan.job import Job, Step

__all__ = ["Job", "Step", "steps"]

FAMILIES = (
    episodes,
    claims,
    promises,
    procedures,
    exceptions,
    journeys,
    denials,
    escalations,
    words,
    voice,
    attribution,
    problems,
    fixes,
    enablement,
    conflicts,
    money,
)
"""In order: a family may read what those before it have made (promises the commitments among the claims, journeys
most of what goes before)."""


def steps(job: Job) -> list[Step]:
    """Every step of a run, in order."""
    return [step for family in FAMILIES for step in family.steps(job)]
