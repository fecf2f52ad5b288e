"""Is it getting better? The kept share period by period, with limits that say what is ordinary variation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from aboveboard.analyses.promises import counts
from aboveboard.analyses.promises.tables import TREND
from aboveboard.analyses.shared import arrays, control_limits, intervals
from aboveboard.playbook.model import Playbook

LONGEST_IN_DAYS = 92
"""A ledger that spans more days than this is shown by week; a point per day would hide the line."""
_EPOCH = date(1970, 1, 1)


def trend(outcomes: Any, playbook: Playbook, *, as_of: datetime) -> Any:
    """Kept share per local day or week of the start, with Laney p′ limits: an Ibis table of `tables.TREND`.

    The period is the day where 20 promises or more end per day and the ledger spans at most 92 days, else the week
    (from Monday). A period in which some promises still run is not `complete`: those that ended early are mostly
    kept ones, so its share is absent, and it counts neither for the centre nor for the limits. Periods without any
    ended or running promise have no row. `as_of` is taken for the sake of one shape.
    """
    dated = outcomes.filter(outcomes.outcome.isin([*counts.ENDED, *counts.RUNNING]))
    table = arrays.cells(
        counts.with_clock(dated, playbook.timezone)
        .group_by(["promise", "day"])
        .aggregate(
            running=lambda t: counts.number(t.outcome.isin(counts.RUNNING)),
            ended=lambda t: counts.number(t.outcome.isin(counts.ENDED)),
            kept=lambda t: counts.number(t.outcome == "kept"),
        )
    )
    rows = (row for (name,), days in arrays.groups(table, "promise") for row in _rows(name, days, playbook.timezone))
    return arrays.rows_to_table(TREND, rows)


def limits(kept: arrays.Array, ended: arrays.Array) -> tuple[float, arrays.Array, arrays.Array]:
    """Laney p′ (see `shared.control_limits`): the centre, and the lower and upper limit of each period."""
    center = kept.sum() / ended.sum()
    reach = control_limits.reach(kept / ended, center, np.sqrt(center * (1 - center) / ended))
    return float(center), np.clip(center - reach, 0, 1), np.clip(center + reach, 0, 1)


def _rows(promise: str, days: arrays.Cells, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    period, length = _period(days)
    # Day 4 was a Monday (1970-01-05).
    first = days["day"] if length == 1 else (days["day"] - 4) // 7 * 7 + 4
    starts, place = np.unique(first, return_inverse=True)
    sums = {name: np.bincount(place, days[name], len(starts)) for name in ("running", "ended", "kept")}
    complete = (sums["running"] == 0) & (sums["ended"] > 0)
    limited = complete.sum() >= control_limits.FEWEST_PERIODS
    share = intervals.share(sums["kept"], sums["ended"])
    center, low, high = np.nan, np.full(len(starts), np.nan), np.full(len(starts), np.nan)
    if complete.any():
        center, *found = limits(sums["kept"][complete], sums["ended"][complete])
        if limited:
            low[complete], high[complete] = found
    for index, start in enumerate(starts):
        yield {
            "promise": promise,
            "period_start_at": midnight(int(start), zone),
            "period": period,
            "ended_count": int(sums["ended"][index]),
            "kept_count": int(sums["kept"][index]),
            "complete": bool(complete[index]),
            "kept_share": share[index] if complete[index] else None,
            "center": center,
            "limit_low": low[index],
            "limit_high": high[index],
            "signal": bool(complete[index] and (share[index] < low[index] or share[index] > high[index])),
        }


def _period(days: arrays.Cells) -> tuple[str, int]:
    span = int(days["day"].max() - days["day"].min()) + 1
    busy = days["ended"].sum() >= counts.ENOUGH * span
    return ("day", 1) if busy and span <= LONGEST_IN_DAYS else ("week", 7)


def midnight(day: int, zone: ZoneInfo) -> datetime:
    """The moment at which the local day begins, in UTC."""
    start = _EPOCH + timedelta(days=day)
    return datetime(start.year, start.month, start.day, tzinfo=zone).astimezone(UTC)
