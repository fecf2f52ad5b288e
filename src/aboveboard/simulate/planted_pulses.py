"""Companies whose teams lack known things: the test bed of the pulse's analyses.

Every fourth week each team is asked the four questions; most members answer within days, anonymously. What a team lacks lowers
its answers to that question, and `strains` says how much of that also breaks the team's promises. Some answers get a reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from aboveboard.ledger.columns import SCHEMA

FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)
QUESTIONS = ("training", "tools", "system", "help")
USUAL, SPREAD, PERSON = 3.7, 0.8, 0.5
PLAYBOOK = """
organisation: A desk
timezone: UTC
promises:
  answer: {says: Answered in a day., owner: service, starts: type = 'case.opened', kept_by: type = 'case.closed', within: 1 day}
"""


@dataclass(frozen=True)
class Team:
    """A team: its members, what it lacks (question → points of the score), the share of promises it breaks."""

    name: str
    members: int
    lacks: dict[str, float] = field(default_factory=dict)
    breaks: float = 0.1
    replied: bool = True


def teams(count: int, seed: int, *, strains: float = 0.0) -> list[Team]:
    """`count` teams of 8 to 24; what they lack in tools breaks promises, `strains` of them per point."""
    rng = np.random.default_rng([seed, 4_13])
    found = []
    for number in range(count):
        lack = float(rng.uniform(0, 1.5))
        name, members = f"team {number:02d}", int(rng.integers(8, 25))
        found.append(Team(name, members, {"tools": lack}, float(0.1 + strains * lack)))
    return found


def events(
    company: Sequence[Team], seed: int, *, rounds: int = 6, answering: float = 0.8, cases: int = 120
) -> pa.Table:
    """The company's events: what was asked, answered and replied, and cases opened and closed by the same teams."""
    rng = np.random.default_rng([seed, 4_14])
    rows: list[dict[str, Any]] = []

    def add(type: str, at: datetime, **columns: Any) -> None:
        rows.append(
            {"id": f"e{len(rows):06d}", "type": type, "time": at, "recorded_at": at, "source": "pulse", **columns}
        )

    for team in company:
        bias = rng.normal(0, PERSON, team.members)
        for number in range(rounds):
            asked = FIRST + timedelta(weeks=4 * number)
            for question in QUESTIONS:
                add("pulse.asked", asked, team=team.name, outcome=question)
                mean = USUAL - team.lacks.get(question, 0.0)
                for member in np.flatnonzero(rng.random(team.members) < answering):
                    value = float(np.clip(np.round(mean + bias[member] + rng.normal(0, SPREAD)), 1, 5))
                    at = asked + timedelta(minutes=int(rng.integers(30, 6 * 1440)))
                    add("pulse.answered", at, team=team.name, outcome=question, value=value)
                if team.replied and number < rounds - 1:
                    add(
                        "pulse.replied",
                        asked + timedelta(days=12),
                        team=team.name,
                        outcome=question,
                        text="Read and answered.",
                    )
        for number in range(cases):
            at = FIRST + timedelta(hours=float(rng.uniform(0, 24 * 28 * rounds)))
            subject = f"case:{team.name} {number}"
            add("case.opened", at, team=team.name, subject=subject)
            hours = 40 if rng.random() < team.breaks else 5
            add("case.closed", at + timedelta(hours=hours), team=team.name, subject=subject)
    end = FIRST + timedelta(weeks=4 * rounds, days=3)
    add("note.written", end, audience="internal", text="The quarter is over.")
    blank = dict.fromkeys(SCHEMA.names)
    rows.sort(key=lambda row: (row["time"], row["id"]))
    return pa.Table.from_pylist([blank | row for row in rows], schema=SCHEMA)
