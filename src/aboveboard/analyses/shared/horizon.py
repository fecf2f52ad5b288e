"""Up to when the record is read: nothing after it counts, and what has not happened by then has not happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from aboveboard.analyses.shared import spans
from aboveboard.ledger import epochs

_MICROSECOND = timedelta(microseconds=1)


def until(events: Any, as_of: datetime | None) -> tuple[Any, Any]:
    """The events up to and including `as_of`, with `at` (their `time` in microseconds), and `as_of` in microseconds.

    `as_of` is the last `time` among the events where none is given; then nothing is left out, and it comes as a query.
    Columns that can never be absent are made like those that can: Ibis puts only equal schemas under one another.
    Raises ValueError where `as_of` has no time zone.
    """
    nullable = {name: type.copy(nullable=True) for name, type in events.schema().items() if not type.nullable}
    events = events.cast(nullable)
    timed = events.mutate(at=epochs.micros(events.time))
    if as_of is None:
        return timed, timed.at.max().as_scalar()
    end = micros(as_of)
    return timed.filter(timed.at <= end), end


def micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC. Raises ValueError where `moment` has no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"as_of={moment} has no time zone: say it in UTC")
    return epochs.micros_of(moment)


def width(span: timedelta, *, name: str) -> int:
    """Microseconds of a parameter that is a length of time. Raises ValueError where it is negative."""
    if span < timedelta(0):
        raise ValueError(f"{name}={span} is negative: give a length of time of zero or more")
    return span // _MICROSECOND


def minutes_between(start: Any, end: Any) -> Any:
    """Minutes from `start` to `end`, both in microseconds since 1970 and each cut to its whole second; float64."""
    return spans.minutes(spans.whole_seconds(end) - spans.whole_seconds(start))
