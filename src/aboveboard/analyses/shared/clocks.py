"""What a promise's time is counted on: the wall clock, or a calendar's open hours.

A clock turns a moment into a position, in whole seconds held as microseconds, so that every length of time is one
subtraction. A calendar is worked out in plain Python for the days that the data cover and joined as small tables, by
equality only; what the engines then give is, to the microsecond, what `Calendar.minutes_between` and `Calendar.due` give.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import ibis
import pyarrow as pa

from aboveboard.analyses.shared import spans
from aboveboard.ledger import epochs

if TYPE_CHECKING:
    from aboveboard.playbook.calendars import Calendar
    from aboveboard.playbook.model import Within

DAY = 86_400 * epochs.SECOND
_FAR = 2**62
"""A position that no moment reaches: it fills the places of a row that has fewer pieces than the longest one."""


class Clock(Protocol):
    """How far time has run at a moment, and when a span that starts at a moment is over."""

    def positions(self, table: Any, moments: Mapping[str, str]) -> Any:
        """The table with one int64 column per item: new column name → name of the timestamp column it is taken from."""
        ...

    def due(self, table: Any, *, start: str, within: Within, name: str) -> Any:
        """The table with a timestamp column `name`: when `within`, begun at the column `start`, is over."""
        ...


class Wall:
    """The clock on the wall: a day is 24 hours."""

    def positions(self, table: Any, moments: Mapping[str, str]) -> Any:
        """Microseconds since 1970, cut to whole seconds."""
        return table.mutate(**{new: spans.whole_seconds(epochs.micros(table[old])) for new, old in moments.items()})

    def due(self, table: Any, *, start: str, within: Within, name: str) -> Any:
        """The start plus the minutes allowed, exact to the microsecond."""
        assert within.minutes is not None, "open days need a calendar: the playbook's reader refuses them without"
        allowed = round(within.minutes * 60 * epochs.SECOND)
        return table.mutate(**{name: epochs.moment(epochs.micros(table[start]) + allowed)})


class OpenHours:
    """The clock that runs while a calendar is open.

    It knows the UTC days from `first` to `last`; a moment outside them has no position (absent), and a span that ends
    outside them has no end: let `last` be the end of the longest span begun at the last moment.
    """

    def __init__(self, calendar: Calendar, first: datetime, last: datetime) -> None:
        self._calendar = calendar
        self._days = range(epochs.micros_of(first) // DAY, epochs.micros_of(last) // DAY + 1)
        a_day = timedelta(days=1)
        hours = calendar.intervals(_date(self._days[0]) - 2 * a_day, _date(self._days[-1]) + 2 * a_day)
        edges = (self._days[0] * DAY, (self._days[-1] + 1) * DAY)
        clipped = (
            (max(epochs.micros_of(opens), edges[0]), min(epochs.micros_of(closes), edges[1])) for opens, closes in hours
        )
        self._hours = [(opens, closes) for opens, closes in clipped if opens < closes]

    def positions(self, table: Any, moments: Mapping[str, str]) -> Any:
        """Open microseconds since the first day known, each moment cut to its whole second."""
        by_day = ibis.memtable(_padded(self._by_day()))
        for new, old in moments.items():
            table = self._placed(table, by_day, spans.whole_seconds(epochs.micros(table[old])), name=new)
        return table

    def due(self, table: Any, *, start: str, within: Within, name: str) -> Any:
        """The close of the n-th open day, or the moment at which the open minutes allowed have passed."""
        if within.open_days is not None:
            return self._close_of_day(table, start=start, within=within, name=name)
        assert within.minutes is not None
        allowed = round(within.minutes * 60 * epochs.SECOND)
        if allowed == 0:
            return table.mutate(**{name: table[start]})
        by_day = ibis.memtable(_padded(self._by_day()))
        placed = self._placed(table, by_day, epochs.micros(table[start]), name="_position")
        return self._moment_at(placed, placed["_position"] + allowed, name=name).select(
            *dict.fromkeys((*table.columns, name))
        )

    def _placed(self, table: Any, by_day: Any, count: Any, *, name: str) -> Any:
        """Join the day of `count` (microseconds since 1970), and add up what of it was open."""
        counted = table.mutate(_count=count, _day=count // DAY)
        joined = counted.left_join(by_day, counted["_day"] == by_day["key"])
        position = joined["before"]
        for opens, closes in _pairs(by_day):
            run = ibis.least(joined["_count"], joined[closes]) - joined[opens]
            position = position + ibis.ifelse(run > 0, run, 0)
        # LEAST skips an absent value on some engines: where there is no moment, or no such day, there is no position.
        known = joined["_count"].notnull() & joined["before"].notnull()
        return joined.mutate(**{name: ibis.ifelse(known, position, ibis.null("int64"))}).select(*table.columns, name)

    def _moment_at(self, table: Any, position: Any, *, name: str) -> Any:
        """The moment at which the clock reaches a position: at a closing time, that closing and not the next opening."""
        size, pieces = self._by_open_time()
        stretches = ibis.memtable(_padded(pieces))
        # A position belongs to the stretch of open time that ends with it, hence the microsecond.
        counted = table.mutate(_position=position, _stretch=(position - 1) // size)
        joined = counted.left_join(stretches, counted["_stretch"] == stretches["key"])
        found = ibis.null("int64")
        for begins, opens in _pairs(stretches):
            reached = joined["_position"] > joined[begins]
            found = ibis.ifelse(reached, joined[opens] + (joined["_position"] - joined[begins]), found)
        return joined.mutate(**{name: epochs.moment(found)})

    def _by_day(self) -> dict[int, tuple[int, list[tuple[int, int]]]]:
        """UTC day → open microseconds before it, and its open intervals."""
        rows: dict[int, tuple[int, list[tuple[int, int]]]] = {}
        pieces = _cut(self._hours, DAY)
        before = 0
        for day in self._days:
            rows[day] = (before, pieces.get(day, []))
            before += sum(closes - opens for opens, closes in rows[day][1])
        return rows

    def _by_open_time(self) -> tuple[int, dict[int, tuple[int, list[tuple[int, int]]]]]:
        """The size of a stretch of open time, and stretch → (position, moment) at which its pieces begin."""
        total = sum(closes - opens for opens, closes in self._hours)
        # About one stretch per open interval keeps both the rows and the pieces in a row few.
        size = max(total // max(len(self._hours), 1), 1)
        rows: dict[int, tuple[int, list[tuple[int, int]]]] = {}
        begins = 0
        for opens, closes in self._hours:
            ends = begins + closes - opens
            for stretch in range(begins // size, (ends - 1) // size + 1):
                rows.setdefault(stretch, (0, []))[1].append((begins, opens))
            begins = ends
        return size, rows

    def _close_of_day(self, table: Any, *, start: str, within: Within, name: str) -> Any:
        by_day = ibis.memtable(_padded(self._closes(within)))
        count = epochs.micros(table[start])
        counted = table.mutate(_count=count, _day=count // DAY)
        joined = counted.left_join(by_day, counted["_day"] == by_day["key"])
        found = joined["before"]
        for closes, due in _pairs(by_day):
            found = ibis.ifelse(joined["_count"] >= joined[closes], joined[due], found)
        return joined.mutate(**{name: epochs.moment(found)}).select(*dict.fromkeys((*table.columns, name)))

    def _closes(self, within: Within) -> dict[int, tuple[int, list[tuple[int, int]]]]:
        """UTC day → what is due for a start at its midnight, and each closing in it with what is due from then on.

        What is due changes only where a day closes, so the calendar itself is asked at those moments and no other.
        """
        closings: dict[int, list[int]] = {}
        for open_day in self._calendar.days(_date(self._days[0] - 2), _date(self._days[-1] + 2)):
            closes = epochs.micros_of(open_day.closes_at)
            closings.setdefault(closes // DAY, []).append(closes)
        rows = {}
        for day in self._days:
            steps = [day * DAY, *sorted(set(closings.get(day, ())))]
            due = [epochs.micros_of(self._calendar.due(epochs.moment_of(step), within)) for step in steps]
            rows[day] = (due[0], list(zip(steps[1:], due[1:], strict=True)))
        return rows


def _cut(hours: Sequence[tuple[int, int]], size: int) -> dict[int, list[tuple[int, int]]]:
    """The intervals cut at multiples of `size`, by the multiple they fall into."""
    cut: dict[int, list[tuple[int, int]]] = {}
    for opens, closes in hours:
        edges = [opens, *range((opens // size + 1) * size, closes, size), closes]
        for low, high in pairwise(edges):
            cut.setdefault(low // size, []).append((low, high))
    return cut


def _padded(rows: Mapping[int, tuple[int, list[tuple[int, int]]]]) -> pa.Table:
    """Columns key, before, a1, b1, a2, b2, …: every row as wide as the widest."""
    width = max((len(pairs) for _, pairs in rows.values()), default=0)
    columns: dict[str, list[int]] = {"key": list(rows), "before": [before for before, _ in rows.values()]}
    for place in range(width):
        filled = [pairs[place] if place < len(pairs) else (_FAR, _FAR) for _, pairs in rows.values()]
        columns[f"a{place + 1}"] = [first for first, _ in filled]
        columns[f"b{place + 1}"] = [second for _, second in filled]
    return pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})


def _pairs(table: Any) -> Iterator[tuple[str, str]]:
    for place in range(1, (len(table.columns) - 2) // 2 + 1):
        yield f"a{place}", f"b{place}"


def _date(day: int) -> date:
    return (epochs.START + timedelta(days=day)).date()
