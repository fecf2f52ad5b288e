"""Which answers may be told together, so that no sum or difference of told numbers isolates fewer than five people.

Cell suppression (Cox, L. H. (1980). Suppression methodology and statistical disclosure control. JASA 75, 377–385; Hundepool, A.
et al. (2012). Statistical Disclosure Control, chapter 4; a threshold of five) hides small cells and then others, so that the
hidden ones cannot be had by subtraction. Here nothing is hidden inside a total. Instead:

- *Told answers are cut into cells that share no answer*, one per team, question and week, of five or more. Every total is the
  sum of told cells, never of all answers. So whatever is added or subtracted holds each cell whole or not at all.
- *Answers are told in fives*: of seven, five, drawn by lot. Two weeks of a team then differ by nobody or by five, and what one
  newcomer said is not the difference of two weeks.
- *Small teams are told as one cell*, where five are left whichever of them is taken away. A team once told so is never told
  alone, and one once told alone is never told so: its numbers could be subtracted.
- *A week is told when it is closed*, and the same ever after: two reports of different days differ by whole cells.

One answer is taken to be one person's: who answers the same question twice in a week counts twice, unless the answers
carry a person's key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa

from aboveboard.analyses.enablement import answers as _answers
from aboveboard.analyses.enablement.tables import SMALL
from aboveboard.analyses.shared import arrays, horizon

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook

LEAST = 5
"""No told number rests on fewer people."""


@dataclass(frozen=True)
class Told:
    """One cell: how many answers, their sum and the sum of the squares."""

    team: str
    question: str
    week: int
    count: int
    total: float
    squares: float


@dataclass(frozen=True)
class Study:
    """The told cells, in order of question, team and week; and the told answers on the engine, for what is said of replies.

    `answers` has the columns of `answers.answers` with `cell` (a team or `(small teams together)`); `end` in microseconds.
    """

    told: tuple[Told, ...]
    answers: Any
    end: int


def studied(events: Any, playbook: Playbook, *, as_of: datetime | None = None) -> Study:
    """Read the answers and cut them into cells that may be told. Executes three small queries.

    Later events than `as_of` (default: the last) do not exist.
    """
    timed, end = horizon.until(events, as_of)
    moment = end if isinstance(end, int) else int(arrays.cells(timed.aggregate(last=timed["at"].max()))["last"][0])
    known = _answers.answers(timed, playbook, moment)
    counts = arrays.cells(known.group_by(["team", "question", "week"]).aggregate(n=known.count()))
    places = list(cells(zip(*(counts[name].tolist() for name in ("team", "question", "week", "n")), strict=True)))
    told = _drawn(known, places)
    summed = told.group_by(["cell", "question", "week"]).aggregate(
        n=told.count(), total=told.value.sum(), squares=(told.value * told.value).sum()
    )
    table = arrays.cells(summed.order_by(["question", "cell", "week"]))
    rows = zip(*(table[name].tolist() for name in ("cell", "question", "week", "n", "total", "squares")), strict=True)
    return Study(tuple(Told(*row) for row in rows), told, moment)


def cells(counts: Iterable[tuple[str, str, int, int]]) -> Iterator[tuple[str, str, int, str]]:
    """Which cell each team's week is told in: (team, question, week, cell); what may not be told is left out.

    `counts` are (team, question, week, answers). Weeks are taken in order and what was told once is never told otherwise, so
    later weeks change nothing about earlier ones.
    """
    by_week: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for team, question, week, count in counts:
        by_week.setdefault((question, week), []).append((team, count))
    alone: set[tuple[str, str]] = set()
    small: set[tuple[str, str]] = set()
    for (question, week), teams in sorted(by_week.items()):
        for team, count in teams:
            if count >= LEAST and (question, team) not in small:
                alone.add((question, team))
                yield team, question, week, team
        few = [(team, count) for team, count in teams if (question, team) not in alone]
        # Whoever knows one of the teams well must still find five behind the number.
        if few and sum(count for _, count in few) - max(count for _, count in few) >= LEAST:
            for team, _ in few:
                small.add((question, team))
                yield team, question, week, SMALL


def _drawn(known: Any, places: list[tuple[str, str, int, str]]) -> Any:
    """The answers in a cell, in fives; which are left out goes by lot."""
    kinds = {"team": pa.string(), "question": pa.string(), "week": pa.int64(), "cell": pa.string()}
    schema = pa.schema(list(kinds.items()))
    listed = ibis.memtable(
        pa.Table.from_pylist([dict(zip(kinds, place, strict=True)) for place in places], schema=schema)
    )
    placed = known.inner_join(listed, ["team", "question", "week"])
    whole = ibis.window(group_by=["cell", "question", "week"])
    ranked = placed.mutate(
        size=placed.count().over(whole),
        rank=ibis.row_number().over(
            ibis.window(group_by=["cell", "question", "week"], order_by=[placed.lot, placed.id])
        ),
    )
    return ranked.filter(ranked["rank"] < (ranked["size"] // LEAST) * LEAST).drop("rank", "size")


def spread(told: Iterable[Told]) -> tuple[float, float]:
    """The standard deviation of answers around the mean of their cell, over all cells, and its degrees of freedom.

    One spread for all: that of a single cell of five would tell more of the five than their mean does.
    """
    listed = list(told)
    within = sum(cell.squares - cell.total**2 / cell.count for cell in listed)
    freedom = float(sum(cell.count - 1 for cell in listed))
    return float(np.sqrt(max(within, 0.0) / freedom)) if freedom else float("nan"), freedom
