"""The answers to the pulse, each in the week in which it was asked, once per person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.enablement.tables import QUESTIONS
from aboveboard.engines import first_after
from aboveboard.ledger import engine_functions, epochs, local_time

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook

ROUND = timedelta(days=14)
"""So long after it was asked an answer belongs to the question; so long after its end a week is closed and never changes."""
DAY = 86_400
_WEEK, _ROUND = 7 * DAY, round(ROUND.total_seconds()) * epochs.SECOND
# Day 0 of the count is a Thursday.
_THURSDAY = 3
_md5 = engine_functions.unary("md5", "string", "string")


def answers(timed: Any, playbook: Playbook, end: Any) -> Any:
    """One row per answer that counts: team, question, week, value, at, id, lot and replied_at (absent: none yet).

    `week` counts local weeks from Monday, of the last `pulse.asked` of the team and question up to 14 days before the answer,
    else of the answer itself. Where the answer carries an employee's key, only the last of that person in a week counts. Weeks
    that ended less than 14 days before `end` (microseconds) are left out: answers to them may still come. `lot` is the MD5 of
    the id: an order that has nothing to do with what was answered.
    """
    known = timed.filter(timed.team.notnull(), timed.outcome.isin(QUESTIONS))
    given = known.filter(known.type == "pulse.answered", known.value >= 1, known.value <= 5)
    dated = _asked(known, given)
    origin = epochs.moment(
        ibis.ifelse((dated["at"] - dated.asked <= _ROUND).fill_null(False), dated.asked, dated["at"])
    )
    placed = dated.mutate(origin=origin)
    week = (local_time.local(placed.origin, playbook.timezone) // DAY + _THURSDAY) // 7
    placed = placed.mutate(week=week.cast("int64"), lot=_md5(placed.id))
    own = ibis.window(
        group_by=["team", "question", "week", "employee"], order_by=[ibis.desc(placed["at"]), ibis.desc(placed.id)]
    )
    once = placed.mutate(turn=ibis.row_number().over(own))
    once = once.filter((once.turn == 0) | once.employee.isnull())
    # The end of the week on the clock of UTC, a day later than that of any time zone.
    ends = ((once.week + 1) * 7 - _THURSDAY + 1) * DAY * epochs.SECOND
    closed = once.filter(ends + _ROUND <= end)
    return _replied(closed, known).select("team", "question", "week", "value", "at", "id", "lot", "replied_at")


def _asked(known: Any, given: Any) -> Any:
    """The answers with `asked`: the last moment up to the answer at which the team was asked the question."""
    columns = {
        "question": known.outcome,
        "asked": ibis.ifelse(known.type == "pulse.asked", known["at"], ibis.null("int64")),
    }
    names = ("id", "type", "team", "question", "employee", "value", "at", "asked")
    lines = known.mutate(**columns).filter(known.type.isin(["pulse.asked", "pulse.answered"])).select(*names)
    before = ibis.range_window(group_by=["team", "question"], order_by=lines["at"], preceding=None, following=0)
    dated = lines.mutate(asked=lines.asked.max().over(before))
    return dated.semi_join(given.select("id"), "id")


def _replied(given: Any, known: Any) -> Any:
    replies = known.filter(known.type == "pulse.replied")
    ends = replies.mutate(question=replies.outcome, replied_at=replies["at"]).select("team", "question", "replied_at")
    return first_after.first_after(
        given, ends, by=["team", "question"], at="at", end_at="replied_at", name="replied_at"
    )
