"""What can be promised to those who ask too late: a time on the clock of the next open day, or a duration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from aboveboard.analyses.promises import counts
from aboveboard.analyses.promises.until import Until
from aboveboard.analyses.shared import arrays, survival
from aboveboard.ledger import local_time
from aboveboard.playbook.calendars import Calendar
from aboveboard.playbook.model import Playbook

GRAIN = 300
"""Clock times are counted in steps of five minutes, rounded up."""
CLUSTERED = 0.75
"""Met times follow the clock when their middle four fifths spread less than this part of the durations' spread."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class After:
    """The objective's share of the late starts is met by `clock_seconds` after midnight of the next open day, or
    within `minutes` on the promise's clock (of promises by a date: by `minutes` after the date). At most one is set;
    neither where no time is reached.

    `tomorrow`: that next open day is always tomorrow, seen from the start.
    """

    clock_seconds: float | None = None
    minutes: float | None = None
    tomorrow: bool = False


def after(marked: Any, playbook: Playbook, promise: str, until: Until, objective: float, as_of: datetime) -> After:
    """What holds for starts of `promise` outside the stretch `until`; `marked` has the columns of `counts.with_clock`.

    Durations and clock times are both Kaplan–Meier quantiles at the objective, those not met censored. The clock is
    chosen when the times at which late starts were met lie closer together on the clock of the next open day than
    the durations do, as they do where a closing hour is what stops the work; of promises by a date it never is.
    """
    by_date = promise not in playbook.promises or playbook.promises[promise].within is None
    mine = marked.filter((marked.promise == promise) & marked.outcome.notnull())
    late, evening = _outside(mine, until)
    calendar = calendar_of(playbook, promise)
    clocked = _since_next_open_day(late, playbook, calendar, as_of)
    met = clocked.outcome.isin(["kept", "late"])
    clock = _curve(clocked, -counts.whole(-clocked.since, GRAIN) * GRAIN, met)
    taken = clocked.minutes_observed - clocked.minutes_allowed if by_date else clocked.minutes_observed
    durations = _curve(clocked, counts.seconds(taken.coalesce(0), digits=3), met)
    at, within = clock.quantile(objective).value, durations.quantile(objective).value
    if not by_date and 0 < at <= counts.DAY and _spread(clock) < CLUSTERED * _spread(durations):
        return After(clock_seconds=at, tomorrow=evening and (calendar is None or _open_daily(calendar)))
    return After(minutes=None if np.isnan(within) else within / 60)


def calendar_of(playbook: Playbook, promise: str) -> Calendar | None:
    """The promise's calendar, or the only one there is: a wall-clock promise is still met by people with hours."""
    entry = playbook.promises.get(promise)
    if entry is not None and entry.calendar is not None:
        return playbook.calendars[entry.calendar]
    return next(iter(playbook.calendars.values())) if len(playbook.calendars) == 1 else None


def _outside(clocked: Any, until: Until) -> tuple[Any, bool]:
    """The starts outside the stretch, with `evening`: the local day after which they wait. And: are all of that day?"""
    slot = clocked.slot
    if until.start < until.end:
        late = clocked.filter((slot < until.start) | (slot >= until.end))
        # Who asks after midnight, before it holds again, waits in the same night as who asked the evening before.
        evening = late.day - ibis.ifelse(late.slot < until.start, 1, 0)
        return late.mutate(evening=evening.cast("int64")), not until.opens
    late = clocked.filter((slot >= until.end) & (slot < until.start))
    return late.mutate(evening=late.day), True


def _since_next_open_day(late: Any, playbook: Playbook, calendar: Calendar | None, as_of: datetime) -> Any:
    """Adds `since`: seconds on the local clock from midnight of the next open day to where the start was last seen."""
    known = arrays.cells(late.select("evening").distinct())["evening"]
    upcoming = _next_day if calendar is None else _next_open_day(calendar, known)
    days = pa.table({"evening": pa.array(known, pa.int64()), "open_day": pa.array(map(upcoming, known), pa.int64())})
    joined = late.join(ibis.memtable(days), "evening")
    ended = ibis.cases(
        (joined.outcome.isin(["kept", "late"]), joined.met_at),
        (joined.outcome == "cancelled", joined.cancelled_at),
        else_=ibis.null(joined.met_at.type()),
    )
    first, last = counts.years(joined)
    local = local_time.local(ended, playbook.timezone, first, max(last, as_of.year))
    moment = local.coalesce(local_time.local_of(as_of, playbook.timezone))
    return joined.mutate(since=moment - joined.open_day * counts.DAY)


def _next_day(day: int) -> int:
    return int(day) + 1


def _next_open_day(calendar: Calendar, days: arrays.Array) -> Callable[[int], int]:
    if not len(days):
        return _next_day
    first, last = (_EPOCH + timedelta(days=int(edge)) for edge in (days.min(), days.max() + 31))
    ordered = np.array([(day.date - _EPOCH).days for day in calendar.days(first, last)])

    def upcoming(day: int) -> int:
        later = ordered[ordered > day]
        return int(later[0]) if len(later) else int(day) + 1

    return upcoming


def _open_daily(calendar: Calendar) -> bool:
    """Open on all seven weekdays: that a holiday is not tomorrow goes without saying."""
    return all(calendar.open.get(weekday) for weekday in range(1, 8))


def _curve(late: Any, time: Any, met: Any) -> survival.Curve:
    grouped = late.group_by(time=time, met=met).aggregate(count=late.count())
    cells = arrays.cells(grouped)
    return survival.curve(cells["time"], cells["count"] * cells["met"], cells["count"] * ~cells["met"].astype(bool))


def _spread(curve: survival.Curve) -> float:
    """The width of the middle four fifths; NaN where the curve does not come down so far."""
    return curve.quantile(0.9).value - curve.quantile(0.1).value
