"""When is each start of a promise due?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.shared import clocks
from aboveboard.engines.ledgers import arrow
from aboveboard.ledger import attributes, epochs, moments

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
    whole = ibis.ifelse(carried.length() == _DATE_LENGTH, carried + _END_OF_DAY, carried)
    return moments.moment(whole, zone)


def by_clock(playbook: Playbook, *, first: datetime, last: datetime) -> list[tuple[clocks.Clock, list[Promise]]]:
    """Every clock that promises run on, with its promises; the wall first, also where nothing runs on it.

    `first` and `last` are the moments between which promises start and are judged.
    """
    on: dict[str | None, list[Promise]] = {None: []}
    for promise in playbook.promises.values():
        on.setdefault(promise.calendar, []).append(promise)
    return [(_clock(name, promises, playbook, first, last), promises) for name, promises in on.items()]


def _clock(
    name: str | None, promises: list[Promise], playbook: Playbook, first: datetime, last: datetime
) -> clocks.Clock:
    if name is None:
        return clocks.Wall()
    calendar = playbook.calendars[name]
    ends = [last if promise.within is None else calendar.due(last, promise.within) for promise in promises]
    return clocks.OpenHours(calendar, first, max(last, *ends))


def reach(events: Any, playbook: Playbook, as_of: datetime | None) -> tuple[datetime, datetime]:
    """The first and the last moment that a calendar must know: events, `as_of`, and times promised within ten years.

    Without a calendar nothing is asked of the engine, and the answer is 1970; as it is where there are no events.
    """
    if all(promise.calendar is None for promise in playbook.promises.values()):
        return epochs.START, epochs.START
    bounds = {"first": events.time.min(), "last": events.time.max()}
    for number, by in enumerate(sorted({p.by for p in playbook.promises.values() if p.calendar and p.by})):
        due = promised(events, by, playbook.timezone)
        bounds |= {f"low_{number}": due.min(), f"high_{number}": due.max()}
    times = arrow(events.aggregate(**bounds)).to_pylist()[0]
    first, last = times.pop("first") or epochs.START, times.pop("last") or epochs.START
    last = last if as_of is None else max(last, as_of)
    near = [due for due in times.values() if due is not None]
    return max(min([first, *near]), first - _AROUND), min(max([last, *near]), last + _AROUND)
