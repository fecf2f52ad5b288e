"""What teams say of their training and tools, never of fewer than five answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aboveboard.engines import ledgers

FEWEST = 5
"""A team with fewer answers than this is not told apart."""
_LOW = 2


@dataclass(frozen=True)
class Pulse:
    """One team's answers about training and tools, and how many of them are 1 or 2 of 5."""

    team: str
    answers: int
    low: int


def pulses(timed: Any) -> list[Pulse]:
    """Every team with at least `FEWEST` answers."""
    said = timed.filter(
        timed.type == "pulse.answered",
        timed.outcome.isin(["training", "tools"]),
        timed.team.notnull(),
        timed.value.between(1, 5),
    )
    summed = said.group_by("team").aggregate(
        answers=said.count().cast("int64"), low=(said.value <= _LOW).ifelse(1, 0).sum().cast("int64")
    )
    rows = ledgers.arrow(summed.filter(summed.answers >= FEWEST)).to_pylist()
    return [Pulse(row["team"], row["answers"], row["low"]) for row in sorted(rows, key=lambda row: str(row["team"]))]
