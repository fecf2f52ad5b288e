"""What a promise's time is counted on: the wall clock, or a calendar's open hours.

A clock turns a moment into a position, in whole seconds held as microseconds, so that every length of time is one subtraction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from aboveboard.analyses.shared import spans


class Clock(Protocol):
    """How far time has run at a moment, and when a span that starts at a moment is over."""

    def positions(self, table: Any, moments: Mapping[str, str]) -> Any:
        """The table with one int64 column per item: new column name → name of the timestamp column it is taken from."""
        ...

    def due(self, table: Any, *, start: str, within: Any, name: str) -> Any:
        """The table with a timestamp column `name`: when `within`, begun at the column `start`, is over."""
        ...


class Wall:
    """The clock on the wall: a day is 24 hours."""

    def positions(self, table: Any, moments: Mapping[str, str]) -> Any:
        """Microseconds since 1970, cut to whole seconds."""
        return table.mutate(**{new: spans.whole_seconds(spans.micros(table[old])) for new, old in moments.items()})

    def due(self, table: Any, *, start: str, within: Any, name: str) -> Any:
        """The start plus the minutes allowed, exact to the microsecond."""
        allowed = round(within.minutes * 60 * spans.SECOND)
        return table.mutate(**{name: spans.moment(spans.micros(table[start]) + allowed)})
