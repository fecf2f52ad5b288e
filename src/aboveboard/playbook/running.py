"""The clocks of one item in the hand: which promises its events started, and what became of each. Plain Python.

Where many events are asked about at once, `analyses.promises.outcomes` says the same of each; a test holds the two together. One
thing differs: whether a running promise is at risk is judged there from how others ended, and here by its last quarter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from aboveboard.ledger import attributes, moments
from aboveboard.ledger.event import Event
from aboveboard.playbook import calendars
from aboveboard.playbook.model import Playbook, Promise, Within

_DATE_LENGTH = len("2026-11-22")
_ENDS = ("promise.kept", "promise.withdrawn")
_RISK = 0.75
"""A promise is at risk once so much of its time is gone; as `analyses.promises.risk` has it while little is known."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Clock:
    """One promise that was made: by its name, or by word (`named` is then False, and `says` what was said).

    `risk_at` and `due_at` are None where it is due at no known time. `state` is kept, late, broken, open, at risk, cancelled,
    or None where `due_at` is.
    """

    promise: str
    says: str
    named: bool
    event: str
    made_at: datetime
    due_at: datetime | None
    risk_at: datetime | None
    met_at: datetime | None
    state: str | None


def clocks(events: Sequence[Event], playbook: Playbook, *, now: datetime) -> list[Clock]:
    """The clocks that these events started, as seen at `now`, in the order of their starts. Events after `now` are left aside.

    A start is tied to what keeps or cancels it by the promise's `same` column, to the first of either at or after it. A
    `promise.withdrawn` that names the promise cancels it too. `promise.made` that starts no promise of the playbook has a
    clock of its own, which `promise.kept` or `promise.withdrawn` of the same subject and rule end.
    """
    rows = [_row(one) for one in sorted(events, key=lambda one: one.time) if one.time <= now]
    found = [clock for promise in playbook.promises.values() for clock in _by_playbook(rows, promise, playbook, now)]
    known = {clock.event for clock in found}
    by_word = (row for row in rows if row["type"] == "promise.made" and row["id"] not in known)
    found += [_by_word(row, rows, now) for row in by_word]
    return sorted(found, key=lambda clock: clock.made_at)


def next_due(found: Iterable[Clock]) -> Clock | None:
    """Of the clocks still running, that which is due first; a broken one, which nobody kept yet, before all others."""
    running = [one for one in found if one.state in ("open", "at risk", "broken")]
    return min(running, key=lambda one: one.due_at or one.made_at, default=None)


def _by_playbook(rows: Sequence[Row], promise: Promise, playbook: Playbook, now: datetime) -> Iterator[Clock]:
    starts, keeps = promise.starts.to_python(), promise.kept_by.to_python()
    cancels = promise.cancelled_by.to_python() if promise.cancelled_by else (lambda row: False)
    calendar = playbook.calendars[promise.calendar] if promise.calendar else None
    for row in rows:
        if not starts(row):
            continue
        tie = _column(row, promise.same)
        after = [one for one in rows if one["time"] >= row["time"] and _column(one, promise.same) == tie]
        due = None if tie is None else _due(row, promise, playbook, calendar)
        yield _clock(
            promise=promise.name,
            says=promise.says,
            named=True,
            row=row,
            due=due,
            risk=_risk(row["time"], due, calendar),
            met=None if tie is None else next((one["time"] for one in after if keeps(one)), None),
            off=None if tie is None else next((one["time"] for one in after if _off(one, promise) or cancels(one)), None),
            now=now,
        )  # fmt: skip


def _by_word(row: Row, rows: Sequence[Row], now: datetime) -> Clock:
    tie = (row["subject"], row["rule"] or "")
    after = [
        one
        for one in rows
        if tie[0] is not None and one["time"] >= row["time"] and (one["subject"], one["rule"] or "") == tie
    ]
    ends = [next((one["time"] for one in after if one["type"] == kind), None) for kind in _ENDS]
    due = row["due"] if tie[0] is not None else None
    name = (row["rule"] or "(unnamed)").removeprefix("promise:")
    return _clock(
        promise=name, says=row["text"] or name, named=False, row=row, due=due, risk=_risk(row["time"], due, None),
        met=ends[0], off=ends[1], now=now,
    )  # fmt: skip


def _clock(
    *,
    promise: str,
    says: str,
    named: bool,
    row: Row,
    due: datetime | None,
    risk: datetime | None,
    met: datetime | None,
    off: datetime | None,
    now: datetime,
) -> Clock:
    state = _state(due, risk, met, off, now)
    return Clock(promise, says, named, row["id"], row["time"], due, risk, met, state)


def _state(
    due: datetime | None, risk: datetime | None, met: datetime | None, off: datetime | None, now: datetime
) -> str | None:
    if due is None or risk is None:
        return None
    if off is not None and off <= due and (met is None or off < met):
        return "cancelled"
    if met is not None:
        return "kept" if met <= due else "late"
    if due < now:
        return "broken"
    return "at risk" if risk <= now else "open"


def _off(row: Row, promise: Promise) -> bool:
    return bool(row["type"] == "promise.withdrawn" and row["rule"] == promise.rule)


def _due(row: Row, promise: Promise, playbook: Playbook, calendar: calendars.Calendar | None) -> datetime | None:
    if promise.within is not None:
        return calendars.due(row["time"], promise.within, calendar)
    carried = _column(row, promise.by or "due")
    if not isinstance(carried, str):
        return carried if isinstance(carried, datetime) else None
    found = moments.moment_of(carried, playbook.timezone)
    if found is None or len(carried) != _DATE_LENGTH:
        return found
    # A date alone is promised until its end.
    return datetime.combine(datetime.fromisoformat(carried), time.max, playbook.timezone).astimezone(found.tzinfo)


def _risk(made: datetime, due: datetime | None, calendar: calendars.Calendar | None) -> datetime | None:
    if due is None:
        return None
    if calendar is None or due <= made:
        return made + (due - made) * _RISK if due > made else due
    minutes = calendar.minutes_between(made, due)
    return min(due, calendar.due(made, Within("", minutes=minutes * _RISK))) if minutes > 0 else due


def _row(event: Event) -> Row:
    held = {name: getattr(event, name) for name in Event.__dataclass_fields__}
    return held | {"attributes": json.dumps(dict(event.attributes)) if event.attributes else None}


def _column(row: Row, name: str) -> Any:
    prefix, _, key = name.partition(".")
    return attributes.text_of(row["attributes"], key) if prefix == "attributes" and key else row.get(name)
