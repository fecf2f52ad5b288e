"""How much may still go wrong at each touchpoint? Misses against what the objectives allow, over all and of late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import ibis
import numpy as np

from aboveboard.analyses.journeys.answers import answers
from aboveboard.analyses.journeys.tables import BUDGETS
from aboveboard.analyses.shared import arrays, intervals
from aboveboard.ledger import epochs
from aboveboard.playbook.model import Playbook

RECENT = timedelta(days=30)
"""An error budget is one of a rolling month (Beyer et al. 2018, The Site Reliability Workbook, chapter 2)."""
ALL, LATELY = "all", "30 days"
ENOUGH = 20
SPENT, OVERDRAWN, WITHIN, TOO_FEW = "spent", "surely spent", "within", "not enough data"


def budgets(events: Any, playbook: Playbook, *, promises: Any | None = None, as_of: datetime | None = None) -> Any:
    """One row per touchpoint, source and window: table BUDGETS (see `tables`).

    A source is a promise with an objective (its outcomes are `promises`, at the touchpoint of the starting event) or a measure
    whose playbook entry has an `objective`: an answer that is not good is then a miss. A promise counts on the day on which it
    fell due, an answer on the day on which it was given. Sources are never added up: a late parcel and a poor rating
    are two things. Where nobody has stated an objective there is no budget, and no row.
    """
    parts = [*_of_answers(events, playbook, as_of), *_of_promises(promises, playbook)]
    if not parts:
        return arrays.rows_to_table(BUDGETS, [])
    found = [arrays.cells(_counted(part, as_of)) for part in parts]
    whole = {name: np.concatenate([cells[name] for cells in found]) for name in found[0]}
    return arrays.rows_to_table(BUDGETS, _rows(whole, playbook))


def _of_answers(events: Any, playbook: Playbook, as_of: datetime | None) -> Iterator[Any]:
    named = [name for name, measure in playbook.measures.items() if measure.objective is not None]
    if named:
        rated = answers(events, playbook, as_of=as_of)
        mine = rated.filter(rated.measure.isin(named))
        yield mine.select(
            "touchpoint", source=ibis.literal("measure:") + mine.measure, at=epochs.seconds(mine.time),
            missed=mine.good.ifelse(0, 1).cast("int64"),
        )  # fmt: skip


def _of_promises(promises: Any | None, playbook: Playbook) -> Iterator[Any]:
    named = [name for name, promise in playbook.promises.items() if promise.objective is not None]
    if named and promises is not None:
        mine = promises.filter(
            promises.promise.isin(named),
            promises.outcome.isin(["kept", "late", "broken"]),
            promises.touchpoint.notnull(),
        )
        yield mine.select(
            "touchpoint", source=ibis.literal("promise:") + mine.promise, at=epochs.seconds(mine.due_at),
            missed=(mine.outcome == "kept").ifelse(0, 1).cast("int64"),
        )  # fmt: skip


def _counted(part: Any, as_of: datetime | None) -> Any:
    end = part.at.max().as_scalar() if as_of is None else epochs.seconds_of(as_of)
    lately = (end - part.at) < int(RECENT.total_seconds())
    return (
        part.mutate(lately=lately.ifelse(1, 0))
        .group_by(["touchpoint", "source"])
        .aggregate(
            all_ended=lambda t: t.count().cast("int64"),
            all_missed=lambda t: t.missed.sum().cast("int64"),
            late_ended=lambda t: t.lately.sum().cast("int64"),
            late_missed=lambda t: (t.missed * t.lately).sum().cast("int64"),
        )
    )


def _rows(cells: arrays.Cells, playbook: Playbook) -> Iterator[dict[str, Any]]:
    for (touchpoint, source), one in arrays.groups(cells, "touchpoint", "source"):
        for window, name in ((ALL, "all"), (LATELY, "late")):
            ended, missed = int(one[f"{name}_ended"][0]), int(one[f"{name}_missed"][0])
            yield _row(touchpoint, source, window, ended, missed, _objective(source, playbook))


def _objective(source: str, playbook: Playbook) -> float:
    kind, name = source.split(":", 1)
    entry = playbook.measures[name] if kind == "measure" else playbook.promises[name]
    assert entry.objective is not None, "only sources with an objective are counted"
    return entry.objective


def _row(touchpoint: str, source: str, window: str, ended: int, missed: int, objective: float) -> dict[str, Any]:
    allowed = (1 - objective) * ended
    low, high = (float(end) for end in intervals.wilson(missed, ended))
    return {
        "touchpoint": touchpoint,
        "source": source,
        "window": window,
        "objective": objective,
        "ended_count": ended,
        "missed_count": missed,
        "missed_share": missed / ended if ended else None,
        "missed_share_low": low,
        "missed_share_high": high,
        "allowed_count": allowed,
        "left_count": allowed - missed,
        "budget_spent_share": missed / allowed if allowed > 0 else None,
        "state": _state(ended, missed, allowed, low > 1 - objective),
    }


def _state(ended: int, missed: int, allowed: float, surely: bool) -> str:
    if ended < ENOUGH:
        return TOO_FEW
    if missed <= allowed:
        return WITHIN
    return OVERDRAWN if surely else SPENT
