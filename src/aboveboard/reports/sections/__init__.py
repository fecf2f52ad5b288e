"""What the report says about all of the organisation: one module per subject, each of which may have nothing to say."""

from __future__ import annotations

from collections.abc import Iterator

from aboveboard.playbook.model import Playbook
from aboveboard.reports.run import Results
from aboveboard.reports.sections import (
    attribution,
    claims,
    conflicts,
    contradictions,
    denials,
    dissonance,
    drivers,
    enablement,
    episodes,
    escalations,
    every_time,
    first_steps,
    fixes,
    handoffs,
    journeys,
    money,
    people,
    policies,
    problems,
    procedures,
    rating_causes,
    ratings,
    voice,
    words,
)
from aboveboard.reports.sections.section import Section

__all__ = ["Section", "sections"]

SUBJECTS = (
    every_time,
    first_steps,
    problems,
    conflicts,
    handoffs,
    episodes,
    contradictions,
    ratings,
    journeys,
    drivers,
    procedures,
    policies,
    escalations,
    denials,
    claims,
    dissonance,
    words,
    voice,
    attribution,
    rating_causes,
    fixes,
    people,
    enablement,
    money,
)
"""Their order on the page is that of `reports.contents`."""


def sections(results: Results, playbook: Playbook) -> Iterator[Section]:
    """One section per subject of which there is anything to say."""
    for subject in SUBJECTS:
        section = subject.section(results, playbook)
        if section:
            yield section
