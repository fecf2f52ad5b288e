"""Companies in which something is changed, to a known effect: the test bed of the analysis that judges fixes.

Each problem has cases day by day, around a level that wanders (an AR(1) series, so that one week is like the next), busier on
some weekdays than on others. The change multiplies the level from its moment on, in one team or in all. Beside the
problem's cases there are others that go up and down with the same tide, and have nothing to do with the change.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from aboveboard.ledger.columns import SCHEMA

Floats = npt.NDArray[np.float64]

FIRST = datetime(2025, 1, 6, tzinfo=UTC)
RELEASE_HOUR = 10
WEEKDAYS = (1.25, 1.1, 1.0, 1.0, 1.15, 0.9, 0.6)
"""How busy each day of the week is, of one."""


@dataclass(frozen=True)
class Planted:
    """One problem and the change made for it.

    `per_week` cases before; `keeps` is what is left of them after (1: nothing was changed, 0.2: four fifths are gone);
    `returns` the weeks after which they are back, None where they are not. `rho` is how alike neighbouring days are, `varies` the
    standard deviation of the level in logs, `tide` that of what all matters share. `plan` holds attributes of a `fix.planned`.
    """

    name: str
    per_week: float = 20.0
    keeps: float = 1.0
    weeks_before: int = 52
    weeks_after: int = 26
    returns: int | None = None
    rho: float = 0.5
    varies: float = 0.3
    tide: float = 0.0
    team: str | None = None
    others: float = 0.0
    plan: dict[str, Any] | None = None

    @property
    def released_at(self) -> datetime:
        return FIRST + timedelta(weeks=self.weeks_before, hours=RELEASE_HOUR)


def alike(rng: np.random.Generator, size: int, rho: float) -> Floats:
    """An AR(1) series of variance one."""
    shocks = rng.standard_normal(size)
    found = np.empty(size)
    found[0] = shocks[0]
    for place in range(1, size):
        found[place] = rho * found[place - 1] + np.sqrt(1 - rho**2) * shocks[place]
    return found


def events(problems: Sequence[Planted], seed: int) -> pa.Table:
    """The companies' events: cases opened, some of a problem; plans and releases."""
    rows: list[dict[str, Any]] = []
    for number, problem in enumerate(problems):
        rows += _of(problem, np.random.default_rng([seed, number, 4_12]))
    rows.sort(key=lambda row: (row["time"], row["id"]))
    blank = dict.fromkeys(SCHEMA.names)
    return pa.Table.from_pylist([{**blank, "recorded_at": row["time"], **row} for row in rows], schema=SCHEMA)


def _of(problem: Planted, rng: np.random.Generator) -> list[dict[str, Any]]:
    days = 7 * (problem.weeks_before + problem.weeks_after) + 1
    tide = np.exp(problem.tide * alike(rng, days, 0.9)) * np.array([WEEKDAYS[day % 7] for day in range(days)])
    rows = []
    for team in [problem.team, f"not {problem.team}"] if problem.team else [None]:
        own = np.exp(problem.varies * alike(rng, days, problem.rho) - problem.varies**2 / 2)
        mean = problem.per_week / 7 * tide * own
        rows += _cases(problem, rng, mean, team=team, changed=team == problem.team, broken=True)
    if problem.others:
        rows += _cases(problem, rng, problem.others / 7 * tide, team=None, changed=False, broken=False)
    named = {"attributes": json.dumps({"problem": problem.name})}
    if problem.plan:
        plan = json.dumps({"problem": problem.name, **problem.plan})
        planned_at = problem.released_at - timedelta(days=3)
        rows.append({"id": f"{problem.name}-plan", "type": "fix.planned", "time": planned_at, "attributes": plan})
    rows.append({
        "id": f"{problem.name}-fix", "type": "fix.released", "time": problem.released_at, "subject": f"problem:{problem.name}",
        "team": problem.team, "text": f"What was done about {problem.name}.", **named,
    })  # fmt: skip
    return rows


def _cases(
    problem: Planted, rng: np.random.Generator, mean: Floats, *, team: str | None, changed: bool, broken: bool
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    word = "case" if broken else "other"
    attributes = json.dumps({"problem": problem.name}) if broken else None
    last = timedelta(weeks=problem.weeks_before + problem.weeks_after, hours=RELEASE_HOUR)
    for day, level in enumerate(mean):
        for second in rng.random(rng.poisson(level * 1.0)) * 86_400:
            after = timedelta(days=day, seconds=int(second))
            if after >= last or (changed and rng.random() >= _left(problem, FIRST + after)):
                continue
            key = f"{problem.name}-{word}-{team or 'all'}-{len(rows):05d}"
            rows.append({
                "id": key, "type": "case.opened", "time": FIRST + after, "subject": f"case:{key}", "team": team,
                "attributes": attributes,
            })  # fmt: skip
    return rows


def _left(problem: Planted, at: datetime) -> float:
    """The chance that a case which there would have been without the change is one now."""
    if at < problem.released_at:
        return 1.0
    back = problem.returns is not None and at >= problem.released_at + timedelta(weeks=problem.returns)
    return 1.0 if back else problem.keeps
