"""Opening hours: when an organisation's clock runs, and when a promise on it is due. Plain Python, the reference.

Opening hours are what the wall clock on the spot shows; minutes are those that really pass. So on the night of the
change a shop that is open from 22:00 to 06:00 is open seven hours in spring and nine in autumn. An opening time in
the hour that spring leaves out is the moment the clock jumps; a time in the hour that autumn repeats opens at its first
passing and closes at its second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook import public_holidays

Span = tuple[time, time]
Interval = tuple[datetime, datetime]

_DAY = timedelta(days=1)
_LONGEST_SEARCH = 3_660  # days: a calendar closed for ten years never opens


class CalendarError(AboveboardError):
    """A calendar cannot answer: it never opens, or the promise needs something it has not."""


class Within(Protocol):
    """How long a promise has: minutes of the clock, or open days."""

    @property
    def minutes(self) -> float | None:
        """Minutes, or None where open days count."""

    @property
    def open_days(self) -> int | None:
        """Open days, or None where minutes count."""


@dataclass(frozen=True)
class Day:
    """One open day: its date, its first opening and its last closing, in UTC."""

    date: date
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class Calendar:
    """When one place is open.

    `open` maps weekdays (1 = Monday) to spans of the wall clock, in order. A span that ends at or before its start
    ends on the next day, so (22:00, 02:00) crosses midnight and (00:00, 00:00) is the whole day; it belongs to the day on
    which it starts. `holidays` names a country (`US`), a part of it (`DE-BY`) or an exchange (`XNYS`) whose holidays
    are closed; `closed` are further closed dates; `special` gives the spans of single dates and wins over all else.
    """

    name: str
    timezone: ZoneInfo
    open: Mapping[int, tuple[Span, ...]]
    holidays: str | None = None
    closed: frozenset[date] = frozenset()
    special: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.name, str(self.timezone), self.holidays, self.closed))

    def spans(self, day: date) -> tuple[Span, ...]:
        """Return the opening hours of a date, as the wall clock shows them; none where it is closed."""
        if day in self.special:
            return self.special[day]
        if day in self.closed or (self.holidays and public_holidays.is_holiday(self.holidays, day)):
            return ()
        return self.open.get(day.isoweekday(), ())

    def intervals(self, first: date, last: date) -> list[Interval]:
        """Return the open intervals in UTC that start on the local dates first … last, in order, none touching."""
        merged: list[Interval] = []
        for opens, closes in sorted(self._raw(first, last)):
            if merged and opens <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(closes, merged[-1][1]))
            else:
                merged.append((opens, closes))
        return merged

    def days(self, first: date, last: date) -> list[Day]:
        """Return the open days among the local dates first … last."""
        found = []
        for day in _dates(first, last):
            hours = _of_day(self, day)
            if hours:
                found.append(Day(day, min(opens for opens, _ in hours), max(closes for _, closes in hours)))
        return found

    def is_open(self, moment: datetime) -> bool:
        """Say whether the place is open at a moment; it is at its opening, and no more at its closing."""
        day = self.local_date(moment)
        return any(opens <= moment < closes for opens, closes in self.intervals(day - _DAY, day))

    def minutes_between(self, start: datetime, end: datetime) -> float:
        """Return the open minutes from start to end, counted in whole seconds; below zero where end is earlier."""
        if end < start:
            return -self.minutes_between(end, start)
        low, high = start.replace(microsecond=0), end.replace(microsecond=0)
        first, last = self.local_date(low) - _DAY, self.local_date(high)
        open_time = sum(
            (max(min(closes, high) - max(opens, low), timedelta()) for opens, closes in self.intervals(first, last)),
            timedelta(),
        )
        return open_time / timedelta(seconds=1) / 60

    def due(self, start: datetime, within: Within) -> datetime:
        """Return when a promise made at `start` is due, in UTC.

        Minutes run only while the place is open. With open days, the day of the start is the first one that has not yet
        closed; the promise is due when the n-th open day after it closes. Raises CalendarError where that never comes.
        """
        if within.open_days is not None:
            return self._nth_day(start, within.open_days).closes_at
        assert within.minutes is not None
        return self._after(start, timedelta(minutes=within.minutes))

    def local_date(self, moment: datetime) -> date:
        """Return the date that the wall clock shows at a moment."""
        return moment.astimezone(self.timezone).date()

    def _raw(self, first: date, last: date) -> Iterator[Interval]:
        for day in _dates(first, last):
            yield from _of_day(self, day)

    def _after(self, start: datetime, left: timedelta) -> datetime:
        moment = start.astimezone(UTC)
        if not left:
            return moment
        day = self.local_date(moment) - _DAY
        for opens, closes in self._from(day):
            begins = max(opens, moment)
            if closes <= begins:
                continue
            if left <= closes - begins:
                return begins + left
            left -= closes - begins
        raise self._never()

    def _from(self, day: date) -> Iterator[Interval]:
        """Open intervals from a date on, until ten years have passed without one."""
        seen: datetime | None = None
        idle = 0
        while idle < _LONGEST_SEARCH:
            found = self.intervals(day, day + _DAY)
            for opens, closes in found:
                # Two days at a time, so that spans which touch over midnight are merged; nothing is given twice.
                begins = opens if seen is None else max(opens, seen)
                if begins < closes:
                    yield begins, closes
                    seen = closes
            idle = 0 if found else idle + 1
            day += _DAY

    def _nth_day(self, start: datetime, count: int) -> Day:
        day = self.local_date(start) - _DAY
        last = day + timedelta(days=_LONGEST_SEARCH + count * 2)
        left = count
        while day <= last:
            found = self.days(day, day)
            if found and found[0].closes_at > start:
                if left == 0:
                    return found[0]
                left -= 1
            day += _DAY
        raise self._never()

    def _never(self) -> CalendarError:
        return CalendarError(f"calendar {self.name!r} has too few open hours for this promise: check its opening hours")


def _dates(first: date, last: date) -> Iterator[date]:
    for number in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(number)


def _of_day(calendar: Calendar, day: date) -> list[Interval]:
    return [_interval(calendar.timezone, day, span) for span in calendar.spans(day)]


@lru_cache(maxsize=50_000)
def _interval(zone: ZoneInfo, day: date, span: Span) -> Interval:
    opens, closes = span
    ends = day + _DAY if closes <= opens else day
    return _moment(zone, datetime.combine(day, opens), 0), _moment(zone, datetime.combine(ends, closes), 1)


def _moment(zone: ZoneInfo, wall: datetime, fold: int) -> datetime:
    """The moment at which the wall clock shows a time: of two, the first (fold 0) or the second; of none, the jump."""
    moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    low, high = sorted(wall.replace(tzinfo=zone, fold=each).astimezone(UTC) for each in (0, 1))
    return _jump(zone, low, high)


def _jump(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Find the first second in (low, high] at which the clock has jumped."""
    after = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (low, middle) if middle.astimezone(zone).utcoffset() == after else (middle, high)
    return high


def due(start: datetime, within: Any, calendar: Calendar | None) -> datetime:
    """Return when a promise made at `start` is due: on a calendar, or on the wall clock where there is none."""
    if calendar is not None:
        return calendar.due(start, within)
    if within.minutes is None:
        raise CalendarError("open days need a calendar: name one beside `within`")
    return start.astimezone(UTC) + timedelta(minutes=within.minutes)
