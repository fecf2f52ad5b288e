"""Durations as people write them: "3 hours", "1 hour 30 minutes", "2 open days"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook.problems import nearest

_UNITS: dict[str, float] = {
    **dict.fromkeys(("minute", "minutes", "min", "mins", "m"), 1.0),
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h"), 60.0),
    **dict.fromkeys(("day", "days", "d"), 1440.0),
    **dict.fromkeys(("week", "weeks", "w"), 10_080.0),
}
_WORDS = {
    word: float(number)
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=1
    )
} | {"a": 1.0, "an": 1.0}
_PART = re.compile(
    r"\s*(?:,|and\b)?\s*(?P<number>\d+(?:[.,]\d+)?|[a-z]+)\s*(?P<open>open|business|working)?\s*(?P<unit>[a-z]+)"
)
_HOW = "write 90 minutes, 3 hours, 2 days, 1 week or 2 open days"


class DurationError(AboveboardError):
    """The text is no duration. `suggestion` is one that would do, where one is near."""

    def __init__(self, message: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.suggestion = suggestion


@dataclass(frozen=True)
class Duration:
    """Minutes of a clock, or whole open days; exactly one of the two."""

    minutes: float | None = None
    open_days: int | None = None


def parse(written: str, *, on_calendar: bool) -> Duration:
    """Read a duration. On a calendar, days are open days and weeks are refused; off it, open days are.

    Raises DurationError for anything that is not a positive duration in minutes, hours, days, weeks or open days.
    """
    parts = _parts(written)
    days = [(number, is_open) for number, is_open, unit in parts if unit == 1440.0]
    if any(is_open for _, is_open in days) and not on_calendar:
        raise DurationError(f"{written!r} counts open days: name the calendar beside it")
    if on_calendar and any(unit == 10_080.0 for _, _, unit in parts):
        number = parts[0][0]
        raise DurationError("a week has no length in opening hours", f"'{number * 5:g} open days'")
    if on_calendar and days:
        return _open_days(written, parts)
    return Duration(minutes=sum(number * unit for number, _, unit in parts))


def _open_days(written: str, parts: list[tuple[float, bool, float]]) -> Duration:
    number = parts[0][0]
    if len(parts) > 1:
        raise DurationError(f"{written!r} mixes open days with other units: use open days or hours alone")
    if not number.is_integer():
        raise DurationError(f"{written!r}: open days are whole; for part of a day give open hours")
    return Duration(open_days=int(number))


def _parts(written: str) -> list[tuple[float, bool, float]]:
    """Number, whether "open" stands before the unit, and the unit in minutes, for each part of the text."""
    text, at, parts = written.strip().lower(), 0, []
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            raise DurationError(f"{written!r} is no duration: {_HOW}")
        parts.append((_number(written, part["number"]), part["open"] is not None, _unit(written, part["unit"])))
        if part["open"] and parts[-1][2] != 1440.0:
            raise DurationError(f"{written!r}: only days are counted as {part['open']} days")
        at = part.end()
    if not parts or sum(number for number, _, _ in parts) <= 0:
        raise DurationError(f"{written!r} is no duration: {_HOW}")
    return parts


def _number(written: str, text: str) -> float:
    if text in _WORDS:
        return _WORDS[text]
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise DurationError(f"{written!r} is no duration: {_HOW}") from None


def _unit(written: str, text: str) -> float:
    if text in _UNITS:
        return _UNITS[text]
    if text.startswith(("month", "year")):
        raise DurationError(f"{written!r}: months and years differ in length, give days")
    near = nearest(text, list(_UNITS))
    raise DurationError(f"{text!r} is no unit of time: {_HOW}", repr(near) if near else None)
