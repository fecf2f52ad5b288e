"""Every family of findings: a module with its `KINDS` and its `findings`."""

from __future__ import annotations

from aboveboard.findings import (
    attribution,
    claims,
    denials,
    episodes,
    escalations,
    fixes,
    handoffs,
    journeys,
    people,
    policies,
    procedures,
    promises,
    ratings,
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
    attribution,
    fixes,
    people,
)
"""In the order of the reference page."""
