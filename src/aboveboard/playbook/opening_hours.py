"""Opening hours as people write them: "mon-sat" → "10:00-20:00", "09:00-12:00, 13:00-17:00", "22:00-02:00", "24h"."""

from __future__ import annotations

import re
from datetime import time
from itertools import pairwise

from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook.calendars import Span
from aboveboard.playbook.problems import nearest

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {word: number for words in (DAYS, _FULL) for number, word in enumerate(words, start=1)}
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*(?:-|–|to)\s*(\d{1,2}):(\d{2})")
_ALL_DAY = (time(0), time(0))


class HoursError(AboveboardError):
    """The text is no opening hours. `suggestion` is what would do, where something is near."""

    def __init__(self, message: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.suggestion = suggestion


def weekdays(written: str) -> tuple[int, ...]:
    """Read days: `sun`, `mon-sat`, `mon, wed, fri`, `fri-mon`, `daily`. 1 is Monday. Raises HoursError."""
    found: list[int] = []
    for part in written.lower().split(","):
        found += _days(part.strip())
    return tuple(found)


def _days(written: str) -> list[int]:
    if written in ("daily", "every day"):
        return list(range(1, 8))
    first, dash, last = (word.strip() for word in written.replace("–", "-").partition("-"))
    start, end = _day(first), _day(last) if dash else _day(first)
    return [(start - 1 + step) % 7 + 1 for step in range((end - start) % 7 + 1)]


def _day(word: str) -> int:
    if word not in _NUMBERS:
        near = nearest(word, list(_NUMBERS))
        raise HoursError(f"{word!r} is no day: use {', '.join(DAYS)}", repr(near) if near else None)
    return _NUMBERS[word]


def spans(written: str) -> tuple[Span, ...]:
    """Read the hours of a day, in order; none where it is `closed`. Raises HoursError where they overlap or make no sense."""
    text = written.strip().lower()
    if text == "closed":
        return ()
    if text in ("24h", "24 hours", "all day"):
        return (_ALL_DAY,)
    found = tuple(_span(part.strip()) for part in text.split(","))
    _check_order(written, found)
    return found


def _span(written: str) -> Span:
    read = _SPAN.fullmatch(written)
    if read is None:
        raise HoursError(
            f'{written!r} is no opening time: write "10:00-20:00", "09:00-12:00, 13:00-17:00", "24h" or closed'
        )
    opens, closes = _time(read[1], read[2]), _time(read[3], read[4])
    if opens == closes and opens != time(0):
        raise HoursError(f"{written!r} opens and closes at the same time: for a whole day write 24h")
    return opens, closes


def _time(hour: str, minute: str) -> time:
    if (int(hour), int(minute)) == (24, 0):
        return time(0)
    if int(hour) > 23 or int(minute) > 59:
        raise HoursError(f"there is no time {hour}:{minute}")
    return time(int(hour), int(minute))


def _check_order(written: str, found: tuple[Span, ...]) -> None:
    for (opens, closes), (next_opens, _) in pairwise(found):
        if closes <= opens or next_opens < closes:
            raise HoursError(f"{written!r}: the spans overlap or are out of order")
