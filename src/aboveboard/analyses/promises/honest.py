"""The honest promise, in words: what would be kept at the objective, said as one would say it to a customer."""

from __future__ import annotations

import math
from datetime import time

from aboveboard.analyses.promises.after import After
from aboveboard.analyses.promises.until import Until
from aboveboard.playbook.calendars import Calendar
from aboveboard.playbook.model import Playbook, Promise

MINUTE, HOUR, DAY = 1, 60, 1440
NATURAL = (
    *(5, 10, 15, 20, 30, 45, 60, 90),
    *(HOUR * hours for hours in (2, 3, 4, 5, 6, 8, 10, 12, 18, 24)),
    *(DAY * days for days in (2, 3, 4, 5, 6, 7, 10, 14, 21, 28, 42, 56, 90, 120, 180, 365)),
)
"""Minutes that people say without a calculator; a time is rounded up to one of them."""


def natural(minutes: float) -> float:
    """The least natural duration that is no shorter; whole weeks… years beyond the list are counted in days."""
    return next((float(step) for step in NATURAL if minutes <= step), math.ceil(minutes / DAY) * float(DAY))


def duration(minutes: float) -> str:
    """A natural duration in words: "45 minutes", "5 hours", "2 days"."""
    rounded = natural(minutes)
    for size, word in ((DAY, "day"), (HOUR, "hour")):
        # A day and a half is said in hours, and 24 hours are clearer than "1 day", which some read as "tomorrow".
        if rounded % size == 0 and (rounded >= 2 * size or size == HOUR):
            return _counted(rounded / size, word)
    return _counted(rounded, "minute")


def in_words(minutes: float, promise: Promise | None, playbook: Playbook) -> str:
    """What a promise could say, of the right sort: "5 hours", "7 opening hours", "the time promised plus 2 days".

    `minutes` are on the promise's clock; after the date where it is made by a date (or in a message: None).
    """
    if promise is None or promise.within is None:
        return f"the time promised plus {duration(minutes)}" if minutes > 0 else "the time promised"
    if promise.calendar is not None:
        return opening_time(minutes, promise, playbook.calendars[promise.calendar])
    return duration(minutes)


def opening_time(minutes: float, promise: Promise, calendar: Calendar) -> str:
    """A duration on a calendar's clock: "5 opening hours", or "3 open days" where the promise is made in open days."""
    if promise.within is not None and promise.within.open_days is not None:
        return _counted(math.ceil(minutes / _open_minutes_a_day(calendar)), "open day")
    if minutes <= HOUR:
        return _counted(natural(minutes), "opening minute")
    return _counted(math.ceil(minutes / HOUR), "opening hour")


def time_of_day(seconds: float) -> str:
    """Seconds after midnight as a clock time, rounded up to the quarter hour: "11:00"; 24:00 is midnight."""
    hours, quarters = divmod(math.ceil(seconds / 900), 4)
    return f"{hours:02d}:{quarters * 15:02d}"


def in_parts(as_it_stands: str, until: Until, after: After, otherwise: str) -> str:
    """ "3 hours until 15:45, else tomorrow 11:00". `otherwise` is said where the rest has no clock time."""
    start, end = time_of_day(until.start * 900), time_of_day(until.end * 900)
    stretch = f"from {start} until {end}" if until.opens else f"until {end}"
    if after.clock_seconds is None:
        return f"{as_it_stands} {stretch}, else {otherwise}"
    day = "tomorrow" if after.tomorrow else "the next open day"
    return f"{as_it_stands} {stretch}, else {day} {time_of_day(after.clock_seconds)}"


def _counted(number: float, word: str) -> str:
    return f"{number:g} {word}{'' if number == 1 else 's'}"


def _open_minutes_a_day(calendar: Calendar) -> float:
    """Mean open minutes of a weekday that is open at all; a span that ends no later than it starts ends the next day."""
    days = [sum(_length(start, end) for start, end in spans) for spans in calendar.open.values() if spans]
    return sum(days) / len(days) if days else float(DAY)


def _length(start: time, end: time) -> int:
    return ((end.hour - start.hour) * 60 + end.minute - start.minute) % DAY or DAY
