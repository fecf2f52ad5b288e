"""Was each promise kept?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.promises import due_times, risk, tables
from aboveboard.analyses.shared import clocks, spans
from aboveboard.engines.first_after import next_times

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from aboveboard.playbook.model import Playbook, Promise

UNNAMED = "(unnamed)"
ABSENT = ibis.null("timestamp('UTC', 6)")
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
    as_of = None if as_of is None else as_of.astimezone(UTC)  # DuckDB knows a zone by its name, not by an offset
    known = events if as_of is None else events.filter(events.time <= ibis.literal(as_of))
    now = known.time.max().as_scalar() if as_of is None else ibis.literal(as_of, type="timestamp('UTC', 6)")
    first, last = due_times.reach(known, playbook, as_of)
    timed = []
    for clock, promises in due_times.by_clock(playbook, first=first, last=last):
        starts = [_by_playbook(known, promise, clock, zone=playbook.timezone) for promise in promises]
        if isinstance(clock, clocks.Wall):
            starts.append(_by_word(known, playbook))
        timed.append(_timed(ibis.union(*starts, distinct=False), clock, now=now))
    return _judged(ibis.union(*timed, distinct=False))


def _by_playbook(events: Any, promise: Promise, clock: clocks.Clock, *, zone: ZoneInfo) -> Any:
    """The starts of a promise that the playbook makes, with what became of them."""
    due = ABSENT if promise.by is None else due_times.promised(events, promise.by, zone)
    withdrawn = (events.type == "promise.withdrawn") & (events.rule == promise.rule)
    starts = _followed(
        events,
        promise.starts.to_ibis(events),
        kept_by=promise.kept_by.to_ibis(events),
        cancelled_by=withdrawn if promise.cancelled_by is None else withdrawn | promise.cancelled_by.to_ibis(events),
        subject=due_times.column(events, promise.same).cast("string"),
        due_at=due,
    ).mutate(promise=ibis.literal(promise.name))
    if promise.within is not None:
        starts = clock.due(starts, start="made_at", within=promise.within, name="due_at")
    return starts.select(*_ROW)


def _by_word(events: Any, playbook: Playbook) -> Any:
    """The promises that somebody made by word: events `promise.made`, with what became of them."""
    events = events.filter(events.type.isin(["promise.made", "promise.kept", "promise.withdrawn"]))
    mine = events.type == "promise.made"
    for promise in playbook.promises.values():
        mine = mine & ~promise.starts.to_ibis(events).coalesce(False)
    starts = _followed(
        events,
        mine,
        kept_by=events.type == "promise.kept",
        cancelled_by=events.type == "promise.withdrawn",
        subject=events.subject,
        due_at=events.due,
        _rule=events.rule.coalesce(""),
    )
    rule = starts["_rule"]
    return starts.mutate(promise=ibis.ifelse(rule == "", UNNAMED, rule.re_replace("^promise:", ""))).select(*_ROW)


def _followed(events: Any, starts: Any, *, kept_by: Any, cancelled_by: Any, subject: Any, **more: Any) -> Any:
    """The starting events, tied by `subject` (and `_rule`) to the first that keeps and the first that cancels them."""
    rows = events.select(
        event=events.id,
        subject=subject,
        made_at=events.time,
        **{column: events[column] for column in _CARRIED},
        **more,
        _starts=starts,
        _keeps=kept_by,
        _cancels=cancelled_by,
    )
    rows = rows.filter(rows["_starts"] | (rows.subject.notnull() & (rows["_keeps"] | rows["_cancels"])))
    tied = ["subject", *(["_rule"] if "_rule" in more else [])]
    found = next_times(rows, by=tied, at="made_at", met_at=rows["_keeps"], cancelled_at=rows["_cancels"])
    return _untied(found.filter(found["_starts"]))


def _untied(starts: Any) -> Any:
    """Without a subject nothing ties a start to anything: it is neither met nor cancelled, even by itself."""
    tied = starts.subject.notnull()
    return starts.mutate(
        met_at=ibis.ifelse(tied, starts.met_at, ABSENT), cancelled_at=ibis.ifelse(tied, starts.cancelled_at, ABSENT)
    )


def _timed(starts: Any, clock: clocks.Clock, *, now: Any) -> Any:
    """The starts with every moment's position on the clock; without a subject nothing is due."""
    due = ibis.ifelse(starts.subject.isnull(), ABSENT, starts.due_at)
    return clock.positions(starts.mutate(due_at=due, _as_of=now), _POSITIONS)


def _judged(rows: Any) -> Any:
    stated = rows.mutate(state=_state(rows))
    now = stated["_now"]
    watched_until = ibis.least(stated["_met"].coalesce(now), stated["_cancelled"].coalesce(now), now)
    judged = risk.with_outcome(
        stated.mutate(age=watched_until - stated["_made"], allowed=stated["_due"] - stated["_made"])
    )
    return judged.mutate(
        minutes_late=spans.minutes(judged["_met"] - judged["_due"]),
        minutes_taken=spans.minutes(judged["_met"] - judged["_made"]),
        minutes_allowed=spans.minutes(judged.allowed),
        minutes_observed=spans.minutes(judged.age),
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
