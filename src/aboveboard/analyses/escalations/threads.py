"""What ties a decision, a change or words to an escalation: rows of `following`, one per thread that they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis

# Each kind of thread has a letter of its own, so that no two can be mistaken for one another. A subject comes with its
# length, so that a rule behind it is never read as part of it.


def of_openings(opened: Any) -> Any:
    """An opening waits for decisions on its subject: of its rule or of none; without a rule of its own, for any."""
    tied = opened.filter(opened.subject.notnull())
    ruled, bare = tied.filter(tied.rule.notnull()), tied.filter(tied.rule.isnull())
    return _union(
        ruled.select(thread=_ruled(ruled), at="opened", id="event"),
        ruled.select(thread="n" + ruled.subject, at="opened", id="event"),
        bare.select(thread="a" + bare.subject, at="opened", id="event"),
    )


def of_decisions(decided: Any) -> Any:
    """A decision answers on its subject: openings of its rule and those without one; without a rule of its own, any."""
    tied = decided.filter(decided.subject.notnull())
    ruled, bare = tied.filter(tied.rule.notnull()), tied.filter(tied.rule.isnull())
    return _union(
        ruled.select(thread=_ruled(ruled), at="decided", id="decision"),
        bare.select(thread="n" + bare.subject, at="decided", id="decision"),
        tied.select(thread="a" + tied.subject, at="decided", id="decision"),
    )


def of_waiting(opened: Any, members: Any | None) -> Any:
    """Who asked waits for a change on the subject, for the customer, and in the episode where episodes are known."""
    tied = opened.filter(opened.subject.notnull())
    parts = [
        tied.select(thread="s" + tied.subject, at="opened", id="event"),
        tied.select(thread="c" + tied.customer, at="opened", id="event"),
    ]
    if members is not None:
        known = _episodes(members)
        inside = tied.join(known, tied.event == known.member)
        parts.append(inside.select(thread="e" + inside.episode, at="opened", id="event"))
    return _union(*parts)


def of_changes(made: Any, members: Any | None) -> Any:
    """A change stands on its subject; one that reaches further on its customer (without a subject) and its episode."""
    far = made.filter(made.reaches)
    loose = far.filter(far.subject.isnull())
    parts = [
        made.select(thread="s" + made.subject, at="at", id="id"),
        loose.select(thread="c" + loose.customer, at="at", id="id"),
    ]
    if members is not None:
        known = _episodes(members)
        inside = far.join(known, far.id == known.member)
        parts.append(inside.select(thread="e" + inside.episode, at="at", id="id"))
    return _union(*parts)


def _ruled(rows: Any) -> Any:
    return "r" + rows.subject.length().cast("string") + ":" + rows.subject + rows.rule


def _episodes(members: Any) -> Any:
    return members.select(member="event", episode="episode")


def _union(*parts: Any) -> Any:
    first: Any = parts[0]
    rest: Sequence[Any] = parts[1:]
    return ibis.union(first, *rest, distinct=False)
