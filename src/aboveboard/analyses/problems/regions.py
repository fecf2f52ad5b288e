"""A region: occasions of one kind and rule, at one place and in one stretch of time."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from aboveboard.analyses.problems.clock import Calendar, day_of

PLACES = ("team", "channel", "product")
CUTS: tuple[tuple[str, ...], ...] = ((), *((name,) for name in PLACES), *(
    (one, other) for number, one in enumerate(PLACES) for other in PLACES[number + 1 :]
))  # fmt: skip
"""What is scanned: everything together, each place, and each pair of places."""
CALENDAR, HOUR, WEEKDAY = "calendar", "hour", "weekday"
AXES = (CALENDAR, HOUR, WEEKDAY)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_UNSAFE = re.compile(r"[^a-z0-9]+")

Stratum = tuple[str, str | None]
"""Kind and rule."""


@dataclass(frozen=True)
class Region:
    """`place` are (column, value) pairs; `start` and `end` are steps on `axis`, `end` not included.

    On the calendar a step is a local day since 1970, on the other axes an hour or a weekday. `whole` is a region that
    takes in all of its axis: it has a place, and no time.
    """

    kind: str
    rule: str | None
    place: tuple[tuple[str, str], ...] = ()
    axis: str = CALENDAR
    start: int = 0
    end: int = 0
    whole: bool = field(default=True, compare=False)

    @property
    def stratum(self) -> Stratum:
        return self.kind, self.rule

    @property
    def is_everywhere(self) -> bool:
        """All of its kind and rule: a promise that misses its objective in no part more than in another."""
        return self.whole and not self.place

    @property
    def key(self) -> str:
        """The identity of its cause: kind, rule, place and sort of time; neither dates nor numbers."""
        parts = [self.kind, *([self.rule.partition(":")[2]] if self.rule else []), *(value for _, value in self.place)]
        parts += {HOUR: ["by hour"], WEEKDAY: ["by weekday"], CALENDAR: [] if self.place else ["everywhere"]}[self.axis]
        exact = repr((self.kind, self.rule, self.place, self.axis))
        said = "-".join(_UNSAFE.sub("-", part.lower()).strip("-")[:24].strip("-") for part in parts)
        return f"{said}-{hashlib.sha256(exact.encode()).hexdigest()[:6]}"

    def holds(self, occasions: Any) -> Any:
        """Which occasions (with their clock) lie in it, as a condition that is never absent."""
        inside = occasions.kind == self.kind
        inside &= occasions.rule.isnull() if self.rule is None else (occasions.rule == self.rule).fill_null(False)
        for column, value in self.place:
            inside &= (occasions[column] == value).fill_null(False)
        if not self.whole:
            step = occasions["day" if self.axis == CALENDAR else self.axis]
            inside &= step.between(self.start, self.end - 1)
        return inside

    def overlaps(self, other: Region) -> bool:
        """Same place, and at least half of the shorter stretch of time in common."""
        if not self.place or self.place != other.place:
            return False
        if self.whole or other.whole:
            return True
        if self.axis != other.axis:
            return False
        common = min(self.end, other.end) - max(self.start, other.start)
        return 2 * common >= min(self.end - self.start, other.end - other.start)

    @property
    def words(self) -> str:
        """Where and when."""
        said = ["at " + value if column == "team" else f"{column} {value}" for column, value in self.place]
        said += [] if self.whole else [self._time()]
        return ", ".join(said) or "everywhere"

    @property
    def hours(self) -> str | None:
        return f"{self.start:02d}–{self.end:02d}" if self.axis == HOUR else None

    @property
    def weekdays(self) -> str | None:
        return f"{self.start}–{self.end - 1}" if self.axis == WEEKDAY else None

    def _time(self) -> str:
        if self.axis == HOUR:
            return f"{self.start:02d}:00–{self.end:02d}:00"
        if self.axis == WEEKDAY:
            first, last = _WEEKDAYS[self.start - 1], _WEEKDAYS[self.end - 2]
            return f"on {first}s" if first == last else f"from {first} to {last}"
        first_day, last_day = day_of(self.start), day_of(self.end - 1)
        told = f"{first_day.day} {first_day:%b %Y}"
        return f"on {told}" if first_day == last_day else f"from {told} to {last_day.day} {last_day:%b %Y}"


def on_calendar(
    stratum: Stratum, place: tuple[tuple[str, str], ...], calendar: Calendar, start: int, end: int
) -> Region:
    """The region of the calendar's periods from `start` up to `end`."""
    first, last = calendar.days(start, end)
    return Region(*stratum, place, CALENDAR, first, last + 1, whole=end - start == calendar.periods)
