"""Was each step done right? One row per visit and step that was due in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.procedures import acts, visits
from aboveboard.analyses.procedures.tables import DUTIES
from aboveboard.analyses.shared import arrays, horizon

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook

SETTLED_AFTER = timedelta(days=1)
_CARRIED = ("procedure", "visit", "subject", "customer", "team", "started_at", "at")


def duties(
    events: Any, playbook: Playbook, *, as_of: datetime | None = None, settled_after: timedelta = SETTLED_AFTER
) -> Any:
    """Hold every visit against its procedure: table DUTIES (see `tables`), as a query.

    The steps are declarative constraints over the events of a visit (Pesic, M. and van der Aalst, W. (2006). A declarative
    approach for flexible business processes management. BPM Workshops, LNCS 4103, 169–180): a must and a default are
    existence constraints with exceptions, an offer is a response (an answer follows), together with no offer after a
    decline. Which events make a visit is said in `visits.starts`.

    - must: met by done, or adapted with a reason. Where the customer declined, `met` is absent: he may, and nobody failed.
    - default: met by done, adapted or skipped with a reason, or declined, for the customer's no is a reason.
    - offer: met by an answer, done and declined alike (an answer on record says that there was an offer), or adapted with a
      reason; not met where it was offered again after a no. Asking again because nobody answered is not insisting.

    A step with a `when` is due only in visits whose starting event meets it. Of a visit that is younger than
    `settled_after` at `as_of`, what has no event yet is neither met nor unmet. `as_of` defaults to the last time in the
    events; what came later does not count. A playbook without procedures gives no rows.
    """
    if not playbook.procedures:
        return arrays.rows_to_table(DUTIES, [])
    timed, now = horizon.until(events, as_of)
    begun = visits.starts(timed, playbook)
    due = _due(begun, playbook)
    seen = _summed(acts.acts(timed, begun, playbook))
    rows = due.left_join(seen, ["visit", "step"]).select(
        *due.columns, *(column for column in seen.columns if column not in ("visit", "step"))
    )
    settled = rows.at <= now - horizon.width(settled_after, name="settled_after")
    return _judged(rows.mutate(settled=settled))


def _due(begun: Any, playbook: Playbook) -> Any:
    """One row per visit and step due in it: steps that are due always are joined at once, the others one by one."""
    kinds = acts.planned(playbook, lambda step: step.when is None)
    always = begun.inner_join(kinds, "procedure").select(*_CARRIED, "step", "kind")
    return ibis.union(always, *_where_due(begun, playbook), distinct=False)


def _where_due(begun: Any, playbook: Playbook) -> Iterator[Any]:
    for procedure in playbook.procedures.values():
        for step in procedure.steps:
            if step.when is not None:
                mine = begun.filter(begun.procedure == procedure.name)
                named = {"step": ibis.literal(visits.name(procedure, step.name)), "kind": ibis.literal(step.kind)}
                yield mine.filter(step.when.to_ibis(mine)).select(*_CARRIED, **named)


def _summed(rows: Any) -> Any:
    """One row per visit and step that has any event: what is needed to judge it."""
    group = ["visit", "step"]
    placed = rows.mutate(
        last_turn=rows.turn.max().over(group_by=group),
        answer_turn=rows.turn.max(where=rows.type.isin(list(acts.ANSWERS))).over(group_by=group),
    )
    offered, answers = placed.type == acts.OFFERED, placed.turn == placed.answer_turn
    return placed.group_by(*group).aggregate(
        offers_count=_number(offered),
        insisted_count=_number(offered & (placed.declines > 0)),
        events_count=placed.count(),
        event=placed.id.max(where=placed.turn == placed.last_turn),
        done_times=_number(placed.type == "step.done"),
        declined_times=_number(placed.type == "step.declined"),
        taken_times=_number(placed.type != "step.skipped"),
        answer=placed.type.max(where=answers).re_replace("^step[.]", ""),
        reasoned=_number(answers & placed.reasoned),
    )


def _judged(rows: Any) -> Any:
    counts = (
        "offers_count",
        "insisted_count",
        "events_count",
        "done_times",
        "declined_times",
        "taken_times",
        "reasoned",
    )
    counted = rows.mutate(**{name: rows[name].fill_null(0).cast("int64") for name in counts})
    stated = counted.mutate(_because=_because(counted))
    waiting = ~stated.settled & stated.answer.isnull() & (stated.insisted_count == 0)
    # A must that the customer declined is nobody's failure, and was not fulfilled either.
    declined = (stated.kind == "must") & (stated["_because"] == "declined")
    unknown = waiting | declined.fill_null(False)
    nothing_yet = ~stated.settled & (stated.events_count == 0)
    return stated.mutate(
        met=ibis.ifelse(unknown, ibis.null("boolean"), stated["_because"].isnull()),
        unmet_because=ibis.ifelse(unknown, ibis.null("string"), stated["_because"]),
        undertaken=ibis.ifelse(nothing_yet, ibis.null("boolean"), stated.taken_times > 0),
    ).select(*DUTIES.columns)


def _because(rows: Any) -> Any:
    """Why the step is not met, as a column; NULL where it is. (`declined` of a must is set aside by the caller.)

    A yes or a no at any time completes the step, whatever was written down after it: the two weigh the same.
    """
    met = ibis.null("string")
    is_offer, is_must = rows.kind == "offer", rows.kind == "must"
    answer, reasoned, offered = rows.answer, rows.reasoned > 0, rows.offers_count > 0
    excused = ibis.ifelse(is_offer, "never offered", ibis.ifelse(is_must, "skipped", met))
    return ibis.cases(
        (is_offer & (rows.insisted_count > 0), "offered again after a no"),
        (rows.done_times > 0, met),
        (rows.declined_times > 0, ibis.ifelse(is_must, "declined", met)),
        (answer == "adapted", ibis.ifelse(reasoned, met, "adapted without a reason")),
        (answer == "skipped", ibis.ifelse(reasoned, excused, "skipped without a reason")),
        (is_offer & offered, "no answer on record"),
        else_=ibis.ifelse(is_offer, "never offered", "not done"),
    )


def _number(condition: Any) -> Any:
    """How many rows meet a condition; unknown counts as not met. (PostgreSQL does not cast a boolean to bigint.)"""
    return ibis.ifelse(condition, 1, 0).sum().cast("int64")
