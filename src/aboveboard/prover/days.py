"""Opening hours on the prover's clock: which days are alike, and when each is open.

The clock counts hours from midnight of one day, on past 24, and a calendar differs by what that day is: a Friday, a day
before a holiday, the night on which the clocks change. So the day becomes a fact of the world, with one value per kind of
day that occurs. Midnight is noon less twelve hours, as timetables reckon it (GTFS), so that the clock shows what the wall
clock shows by day even where the night is an hour short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from aboveboard.playbook.calendars import Calendar
from aboveboard.playbook.expressions import tree
from aboveboard.playbook.model import Fact, Playbook
from aboveboard.prover import linear, logic
from aboveboard.prover.errors import ProverError
from aboveboard.prover.facts import Known

Hours = tuple[tuple[Fraction, Fraction], ...]
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NAME = "day"
_DAY = timedelta(days=1)
_RARE = 10


@dataclass(frozen=True)
class Days:
    """The kinds of days: `fact` is the day as a fact of the world, `dates` which dates each kind has, in order.

    `hours` holds, per kind and calendar, when it is open, in hours from midnight of the day. `ties` are formulas that hold
    the facts together that follow from the day.
    """

    fact: Known
    dates: Mapping[str, tuple[date, ...]]
    hours: Mapping[tuple[str, str], Hours]
    ties: tuple[logic.Formula, ...] = ()

    def opening(self, fact: Fact) -> logic.Formula:
        """Where a fact lies in the opening hours of its calendar."""
        assert fact.calendar is not None
        here = linear.fact(fact.name)
        kinds = []
        for kind in self.fact.words:
            spans = [
                logic.both(
                    [
                        logic.atom(linear.constant(opens) - here, strict=False),
                        logic.atom(here - linear.constant(closes), strict=True),
                    ]
                )
                for opens, closes in self.hours[kind, fact.calendar]
            ]
            kinds.append(logic.both([logic.Is(self.fact.name, kind), logic.either(spans)]))
        return logic.either(kinds)


def read(playbook: Playbook, between: tuple[date, date] | None) -> Days | None:
    """The kinds of days between two dates; None where no fact has a calendar."""
    timed = [fact for fact in playbook.situation.values() if fact.calendar]
    if not timed:
        return None
    if between is None:
        raise ProverError("the facts of this playbook have a calendar: say which days count (`between`)")
    if NAME in playbook.situation:
        raise ProverError(
            f"a fact called {NAME!r} stands in the way of the day that a calendar needs: call it something else"
        )
    calendars = {fact.calendar: playbook.calendars[fact.calendar] for fact in timed if fact.calendar}
    low, high = min(fact.low or 0.0 for fact in timed), max(fact.high or 0.0 for fact in timed)
    weekday = next((fact.name for fact in playbook.situation.values() if _is_weekday(fact)), None)
    alike: dict[tuple[int | None, tuple[Hours, ...]], list[date]] = {}
    for number in range(between[0].toordinal(), between[1].toordinal() + 1):
        day = date.fromordinal(number)
        hours = tuple(_hours(each, day, playbook.timezone, low, high) for each in calendars.values())
        alike.setdefault((day.isoweekday() if weekday else None, hours), []).append(day)
    return _days(alike, list(calendars), weekday)


def _days(
    alike: Mapping[tuple[int | None, tuple[Hours, ...]], list[date]], calendars: Sequence[str], weekday: str | None
) -> Days:
    often = sorted(alike.items(), key=lambda pair: (-len(pair[1]), pair[1][0]))
    named = dict(zip(_names([found for _, found in often]), often, strict=True))
    hours = {
        (name, each): spans
        for name, ((_, held), _) in named.items()
        for each, spans in zip(calendars, held, strict=True)
    }
    ties = []
    for name, ((number, _), _) in named.items() if weekday else ():
        assert weekday is not None and number is not None
        off = linear.fact(weekday) - linear.constant(number)
        exactly = [logic.atom(off, strict=False), logic.atom(off.times(Fraction(-1)), strict=False)]
        ties.append(logic.either([logic.Is(NAME, name, False), logic.both(exactly)]))
    fact = Known(NAME, "word", words=tuple(named))
    return Days(fact, {name: tuple(found) for name, (_, found) in named.items()}, hours, tuple(ties))


def _names(kinds: list[list[date]]) -> Iterator[str]:
    """What a person would call each kind: its weekdays, or for a rare one its dates."""
    seen: set[str] = set()
    for dates in kinds:
        name = _by_weekday(dates) if len(dates) > _RARE else _by_date(dates)
        while name in seen:
            name += f" (as {dates[0]})"
        seen.add(name)
        yield name


def _by_weekday(dates: Sequence[date]) -> str:
    """Its usual weekdays; a holiday that is like a Sunday is counted beside them."""
    counts = Counter(day.isoweekday() for day in dates)
    numbers = sorted(number for number, count in counts.items() if count * _RARE > len(dates))
    others = sum(count for number, count in counts.items() if number not in numbers)
    return _weekdays(numbers) + (f" and {others} more" if others else "")


def _weekdays(numbers: Sequence[int]) -> str:
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{WEEKDAYS[numbers[0] - 1]}–{WEEKDAYS[numbers[-1] - 1]}"
    return ", ".join(WEEKDAYS[number - 1] for number in numbers)


def _by_date(dates: Sequence[date]) -> str:
    more = f" and {len(dates) - 1} more" if len(dates) > 1 else ""
    return f"{WEEKDAYS[dates[0].isoweekday() - 1]} {dates[0]}{more}"


def _hours(calendar: Calendar, day: date, zone: ZoneInfo, low: float, high: float) -> Hours:
    zero = datetime.combine(day, time(12), zone).astimezone(UTC) - timedelta(hours=12)
    first, last = day + timedelta(days=int(low // 24)) - _DAY, day + timedelta(days=int(high // 24)) + _DAY
    spans = [(_since(zero, opens), _since(zero, closes)) for opens, closes in calendar.intervals(first, last)]
    return tuple(span for span in spans if span[1] > low and span[0] <= high)


def _since(zero: datetime, moment: datetime) -> Fraction:
    return Fraction((moment - zero) // timedelta(microseconds=1), 3_600_000_000)


def _is_weekday(fact: Fact) -> bool:
    return (
        fact.source is not None
        and isinstance(fact.source.tree, tree.Local)
        and fact.source.tree.name == "local_weekday"
    )
