"""How far from perfect are we, and is it getting better? Every measure by day, week or month, with control limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pyarrow as pa

from aboveboard.analyses.journeys import scales
from aboveboard.analyses.journeys.answers import given
from aboveboard.analyses.journeys.measures import score, sums
from aboveboard.analyses.journeys.tables import TREND
from aboveboard.analyses.shared import arrays, control_limits
from aboveboard.ledger import epochs, local_time
from aboveboard.playbook.model import Playbook

ENOUGH = 20
"""So many answers a period should have on average: the shortest period that has them is taken, at longest the month."""
MOST_DAYS = 92
"""A record that spans more days is not shown by day; a point per day would hide the line."""
_EPOCH = date(1970, 1, 1)
_DAY = 86_400


def trend(events: Any, playbook: Playbook, *, as_of: datetime | None = None) -> Any:
    """One row per measure and period with an answer: table TREND (see `tables`).

    The distance from perfection is 100 less the mean answer as a part of its scale, so 0 is the best answer from everybody,
    whichever way the scale runs. Its limits are Laney's (`shared.control_limits`), from the periods that are over; a period
    outside them differs by more than the periods do among themselves. The score is that of the measure's own kind.
    """
    if not playbook.measures:
        return arrays.rows_to_table(TREND, [])
    rated = given(events, playbook, as_of=as_of)
    dated = rated.mutate(day=(local_time.local(rated.time, playbook.timezone) / _DAY).floor().cast("int64"))
    days = arrays.cells(
        dated.group_by(["measure", "day"]).aggregate(n=dated.count(), last_at=epochs.seconds(dated.time).max())
    )
    if not len(days["day"]):
        return arrays.rows_to_table(TREND, [])
    end = as_of or epochs.moment_of(int(days["last_at"].max()) * epochs.SECOND)
    periods = {name[0]: _period(cells) for name, cells in arrays.groups(days, "measure")}
    placed = dated.inner_join(ibis.memtable(_places(days, periods)), ["measure", "day"])
    found = arrays.cells(sums(placed, start=placed.start))
    rows = (
        row
        for (name,), cells in arrays.groups(found, "measure")
        for row in _rows(name, cells, playbook, period=periods[name], end=end)
    )
    return arrays.rows_to_table(TREND, rows)


def limits(distance: Any, variance: Any, n: Any) -> tuple[float, Any, Any]:
    """The centre, and the lower and upper limit of each period, from its distance, the variance of its answers, and n."""
    center = float((n * distance).sum() / n.sum())
    within = float((n * variance).sum() / n.sum())
    reach = control_limits.reach(distance, center, np.sqrt(within / n))
    return center, np.clip(center - reach, 0, 100), np.clip(center + reach, 0, 100)


def _rows(
    name: str, cells: arrays.Cells, playbook: Playbook, *, period: str, end: datetime
) -> Iterator[dict[str, Any]]:
    order = np.argsort(cells["value_"])
    cells = {column: values[order] for column, values in cells.items()}
    measure, n = playbook.measures[name], cells["n"]
    starts = [int(start) for start in cells["value_"]]
    complete = np.array([_midnight(_next(start, period), playbook.timezone) <= end for start in starts])
    quality = cells["quality"] / n
    distance, variance = 100 * (1 - quality), 1e4 * np.maximum(cells["quality_2"] / n - quality**2, 0)
    center, low, high = np.nan, np.full(len(n), np.nan), np.full(len(n), np.nan)
    if complete.any():
        center, *found = limits(distance[complete], variance[complete], n[complete])
        if complete.sum() >= control_limits.FEWEST_PERIODS:
            low[complete], high[complete] = found
    for at, start in enumerate(starts):
        one = score(measure, cells, at)
        yield {
            "measure": name,
            "period_start_at": _midnight(start, playbook.timezone),
            "period": period,
            "complete": bool(complete[at]),
            "answers_count": int(n[at]),
            "customers_count": int(cells["customers"][at]),
            "unit": scales.UNITS[scales.kind(measure)],
            "score": one.value,
            "score_low": one.low,
            "score_high": one.high,
            "distance": distance[at],
            "center": center,
            "limit_low": low[at],
            "limit_high": high[at],
            "signal": bool(distance[at] < low[at] or distance[at] > high[at]),
        }


def _period(days: arrays.Cells) -> str:
    span = int(days["day"].max() - days["day"].min()) + 1
    total = int(days["n"].sum())
    if total >= ENOUGH * span and span <= MOST_DAYS:
        return "day"
    return "week" if total >= ENOUGH * span / 7 else "month"


def _places(days: arrays.Cells, periods: dict[str, str]) -> pa.Table:
    """To which period each day with an answer belongs: measure, day, start (days since 1970)."""
    starts = [_start(int(day), periods[measure]) for measure, day in zip(days["measure"], days["day"], strict=True)]
    return pa.table(
        {"measure": days["measure"].tolist(), "day": days["day"].tolist(), "start": pa.array(starts, pa.int64())}
    )


def _start(day: int, period: str) -> int:
    if period == "month":
        return (date.fromordinal(_EPOCH.toordinal() + day).replace(day=1) - _EPOCH).days
    # Day 4 was a Monday (1970-01-05).
    return day if period == "day" else (day - 4) // 7 * 7 + 4


def _next(start: int, period: str) -> int:
    if period == "month":
        return _start(start + 31, "month")
    return start + (1 if period == "day" else 7)


def _midnight(day: int, zone: ZoneInfo) -> datetime:
    """The moment at which the local day begins, in UTC."""
    start = _EPOCH + timedelta(days=day)
    return datetime(start.year, start.month, start.day, tzinfo=zone).astimezone(UTC)
