"""Every family of findings: a module with its `KINDS` and its `findings`."""

from __future__ import annotations

from aboveboard.findings import (
    attribution,
    claims,
    conflicts,
    denials,
    enablement,
    episodes,
    escalations,
    fixes,
    handoffs,
    journeys,
    money,
    people,
    policies,
    problems,
    procedures,
    promises,
    rating_causes,
    ratings,
    voice,
    words,
)

FAMILIES = (
    promises,
    handoffs,
    episodes,
    journeys,
    ratings,
    procedures,
    policies,
    escalations,
    denials,
    claims,
    words,
    voice,
    attribution,
    rating_causes,
    fixes,
    people,
    problems,
    enablement,
    conflicts,
    money,
)
"""In the order of the reference page."""
