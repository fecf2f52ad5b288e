"""Was each promise kept?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.promises import risk, tables
from aboveboard.analyses.shared import clocks, spans
from aboveboard.engines.first_after import first_after

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook, Promise

UNNAMED = "(unnamed)"
_CARRIED = ("customer", "team", "channel", "touchpoint")
_ROW = ("promise", "event", "subject", *_CARRIED, "made_at", "due_at", "met_at", "cancelled_at")
_POSITIONS = {"_made": "made_at", "_due": "due_at", "_met": "met_at", "_cancelled": "cancelled_at", "_now": "_as_of"}


def outcomes(events: Any, playbook: Playbook, *, as_of: datetime | None = None) -> Any:
    """One row per start of a promise, with the columns of `tables.OUTCOMES`.

    A start is an event that satisfies the promise's `starts`. What ties it to the events that keep or cancel it is the
    promise's `same` column; a start where that is absent can be tied to nothing, so its `due_at` and all that follows from
    it are absent. `due_at` is the start plus `within`, on the wall (a day is 24 hours) or on the promise's calendar, or
    the time in the column `by`. `met_at` is the first event that keeps it at or after the start, `cancelled_at` the
    first that cancels it; `promise.withdrawn` events that name the promise as their rule cancel it too.

    Outcome, as seen at `as_of` (the last event's time where none is given; later events are left aside):

    - kept: met at or before due_at; late: met after it;
    - cancelled: cancelled at or before due_at and before it was met;
    - broken: not met, and due_at is past;
    - open or at risk: still running; at risk when it is more likely to break than to be kept (see `risk.with_risk`);
    - absent where due_at is.

    Events `promise.made` are promises with a due time of their own, under the name in their `rule` (`(unnamed)` without
    one); they are tied to `promise.kept` and `promise.withdrawn` by subject and rule, and nothing else ends them: the
    ticket may be closed, merged or handed on. A `promise.made` that starts a promise of the playbook is counted there only.

    Nothing is executed, except that a promise on a calendar asks for the first and last time of the events.
    """
    known = events if as_of is None else events.filter(events.time <= ibis.literal(as_of))
    now = events.time.max().as_scalar() if as_of is None else ibis.literal(as_of)
    parts = [_made_by_playbook(known, promise, now=now) for promise in playbook.promises.values()]
    parts.append(_made_by_word(known, playbook, now=now))
    return _judged(ibis.union(*parts, distinct=False))


def _made_by_playbook(events: Any, promise: Promise, *, now: Any) -> Any:
    clock = clocks.Wall()
    starts = _starts(events, promise.starts.to_ibis(events), key=events[promise.same])
    if promise.within is not None:
        starts = clock.due(starts, start="made_at", within=promise.within, name="due_at")
    else:
        starts = starts.mutate(due_at=starts["_due_column"])
    starts = starts.mutate(due_at=starts.subject.isnull().ifelse(ibis.null(starts.due_at.type()), starts.due_at))
    starts = starts.mutate(promise=ibis.literal(promise.name)).drop("_due_column", "_rule")
    withdrawn = (events.type == "promise.withdrawn") & (events.rule == promise.rule)
    cancels = withdrawn if promise.cancelled_by is None else withdrawn | promise.cancelled_by.to_ibis(events)
    matched = _matched(
        starts,
        met=_ends(events, promise.kept_by.to_ibis(events), key=events[promise.same]),
        cancelled=_ends(events, cancels, key=events[promise.same]),
        by=["subject"],
    )
    return _timed(matched, clock, now=now)


def _made_by_word(events: Any, playbook: Playbook, *, now: Any) -> Any:
    rule = events.rule.coalesce("")
    mine = events.type == "promise.made"
    for promise in playbook.promises.values():
        mine = mine & ~promise.starts.to_ibis(events).coalesce(False)
    starts = _starts(events, mine, key=events.subject)
    named = ibis.ifelse(starts["_rule"] == "", UNNAMED, starts["_rule"].re_replace("^promise:", ""))
    starts = starts.mutate(
        promise=named, due_at=starts.subject.isnull().ifelse(ibis.null("timestamp('UTC', 6)"), starts["_due_column"])
    ).drop("_due_column")
    matched = _matched(
        starts,
        met=_ends(events, events.type == "promise.kept", key=events.subject, _rule=rule),
        cancelled=_ends(events, events.type == "promise.withdrawn", key=events.subject, _rule=rule),
        by=["subject", "_rule"],
    )
    return _timed(matched, clocks.Wall(), now=now)


def _starts(events: Any, condition: Any, *, key: Any) -> Any:
    return events.filter(condition).select(
        event=events.id,
        subject=key.cast("string"),
        made_at=events.time,
        _due_column=events.due,
        _rule=events.rule.coalesce(""),
        **{column: events[column] for column in _CARRIED},
    )


def _ends(events: Any, condition: Any, *, key: Any, **more: Any) -> Any:
    ends = events.filter(condition & key.notnull())
    return ends.select(subject=key.cast("string"), at=events.time, **more)


def _matched(starts: Any, *, met: Any, cancelled: Any, by: list[str]) -> Any:
    found = first_after(starts, met, by=by, at="made_at", end_at="at", name="met_at")
    return first_after(found, cancelled, by=by, at="made_at", end_at="at", name="cancelled_at")


def _timed(matched: Any, clock: clocks.Clock, *, now: Any) -> Any:
    placed = matched.select(*_ROW).mutate(_as_of=now)
    return clock.positions(placed, _POSITIONS)


def _judged(rows: Any) -> Any:
    stated = rows.mutate(state=_state(rows))
    now = stated["_now"]
    watched_until = ibis.least(stated["_met"].coalesce(now), stated["_cancelled"].coalesce(now), now)
    judged = risk.with_risk(
        stated.mutate(age=watched_until - stated["_made"], allowed=stated["_due"] - stated["_made"])
    )
    minute = 60.0 * spans.SECOND
    return judged.mutate(
        outcome=ibis.ifelse((judged.state == "open") & judged.at_risk, "at risk", judged.state),
        minutes_late=(judged["_met"] - judged["_due"]) / minute,
        minutes_taken=(judged["_met"] - judged["_made"]) / minute,
        minutes_allowed=judged.allowed / minute,
        minutes_observed=judged.age / minute,
    ).select(*tables.OUTCOMES.columns)


def _state(rows: Any) -> Any:
    met_in_time = rows.met_at <= rows.due_at
    cancelled = (rows.cancelled_at <= rows.due_at) & (rows.met_at.isnull() | (rows.cancelled_at < rows.met_at))
    return ibis.cases(
        (rows.due_at.isnull(), ibis.null("string")),
        (cancelled, "cancelled"),
        (met_in_time, "kept"),
        (rows.met_at.notnull(), "late"),
        (rows.due_at < rows["_as_of"], "broken"),
        else_="open",
    )
