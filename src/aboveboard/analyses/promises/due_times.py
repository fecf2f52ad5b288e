"""When is each start of a promise due?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.shared import clocks
from aboveboard.engines.ledgers import arrow
from aboveboard.ledger import attributes, moments

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from aboveboard.playbook.model import Playbook, Promise

_DATE_LENGTH = len("2026-11-22")
_END_OF_DAY = "T23:59:59.999999"
_AROUND = timedelta(days=3_660)
"""How far beyond the events a time promised may lie for a calendar to count its open hours: ten years either way."""


def column(events: Any, name: str) -> Any:
    """The ledger column `name`, or for `attributes.<key>` that key of the attributes, as text."""
    prefix, _, key = name.partition(".")
    return attributes.text(events, key) if prefix == "attributes" and key else events[name]


def promised(events: Any, by: str, zone: ZoneInfo) -> Any:
    """The time promised that an event carries: the column `by` as it is, or the text of `attributes.<key>` read.

    Text is a time in one of the forms of `ledger.moments`, in `zone` where it names no offset. A date alone is the last
    microsecond of that day. What cannot be read is absent.
    """
    carried = column(events, by)
    if not carried.type().is_string():
        return carried
    written = carried.strip()
    whole = ibis.ifelse(written.length() == _DATE_LENGTH, written + _END_OF_DAY, written)
    return moments.moment(whole, zone)


def clock_of(promise: Promise, playbook: Playbook, *, first: datetime | None, last: datetime | None) -> clocks.Clock:
    """The clock a promise runs on: its calendar between the first and the last moment judged, or the wall.

    Without any event (`first` is None) nothing will be asked of the clock, and the wall does.
    """
    if promise.calendar is None or first is None or last is None:
        return clocks.Wall()
    calendar = playbook.calendars[promise.calendar]
    if promise.within is not None:
        return clocks.OpenHours.covering(calendar, first, last, promise.within)
    return clocks.OpenHours(calendar, first - _AROUND, last + _AROUND)


def reach(events: Any, as_of: datetime | None) -> tuple[datetime | None, datetime | None]:
    """The first event's time, and the later of the last one's and `as_of`; both None where there are no events."""
    times = arrow(events.aggregate(first=events.time.min(), last=events.time.max())).to_pylist()[0]
    first, last = times["first"], times["last"]
    if first is None:
        return None, None
    return first, last if as_of is None else max(last, as_of)
