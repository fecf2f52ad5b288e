"""Where on the scales of time an occasion stands: its day, hour of the day and weekday by the organisation's clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from aboveboard.engines import ledgers
from aboveboard.ledger import local_time

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAY, _HOUR = 86_400, 3600
MOST_PERIODS = 200
"""The calendar is cut into at most so many periods: days, else weeks, else four weeks, and so on."""


@dataclass(frozen=True)
class Calendar:
    """The days on which occasions began (local days since 1970), and how many days make one period."""

    first: int
    last: int
    size: int

    @property
    def periods(self) -> int:
        return (self.last - self.first) // self.size + 1

    def days(self, start: int, end: int) -> tuple[int, int]:
        """The first and the last day of the periods from `start` up to, not including, `end`."""
        return self.first + start * self.size, self.first + end * self.size - 1


def with_clock(occasions: Any, zone: ZoneInfo) -> tuple[Any, Calendar | None]:
    """The occasions with int64 columns `day` (local, since 1970), `hour` (0–23) and `weekday` (1 Monday – 7).

    And the calendar that they span; None where there are no occasions.
    """
    edges = ledgers.arrow(occasions.aggregate(first=occasions.at.min(), last=occasions.at.max())).to_pylist()[0]
    if edges["first"] is None:
        return occasions, None
    shown = local_time.local(occasions.at, zone, edges["first"].year - 1, edges["last"].year + 1)
    day = _whole(shown, _DAY)
    timed = occasions.mutate(day=day, hour=_whole(shown - day * _DAY, _HOUR), weekday=(day + 3) % 7 + 1)
    first, last = (each.astimezone(zone).date().toordinal() - date(1970, 1, 1).toordinal() for each in edges.values())
    size = next(size for size in (1, *range(7, last - first + 8, 7)) if (last - first) // size < MOST_PERIODS)
    return timed, Calendar(first, last, size)


def day_of(number: int) -> date:
    """The date of a number of days since 1970."""
    return date(1970, 1, 1) + timedelta(days=number)


def _whole(value: Any, divisor: int) -> Any:
    """Divided and rounded down: int64 on every engine."""
    return (value / divisor).floor().cast("int64")
