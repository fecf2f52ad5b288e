"""What was done about each step in each visit, event by event, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from aboveboard.analyses.procedures import visits
from aboveboard.ledger import attributes

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook, Step

OFFERED = "step.offered"
ANSWERS = ("step.done", "step.declined", "step.adapted", "step.skipped")
_ROW = ("procedure", "subject", "at", "time", "id", "customer", "team", "employee", "type", "step", "reasoned")


def acts(timed: Any, begun: Any, playbook: Playbook) -> Any:
    """One row per step event that belongs to a visit, as a query.

    Columns: procedure, subject, visit, step, id, time, at (the same in microseconds), customer, team, type, reasoned (it
    says why, in `attributes.reason`), declines (of the step in the visit, up to and with it) and turn (1, 2, …).
    At one moment an offer stands before the answers: who answers was asked first. So the first offer never follows a
    decline, and an offer written down with the second of the answer to it does not either.
    """
    rows = told(timed, begun, playbook)
    answers = ibis.ifelse(rows.type == OFFERED, 0, 1)
    turned = rows.mutate(_answers=answers, _no=ibis.ifelse(rows.type == "step.declined", 1, 0).cast("int64"))
    order = [turned.at, turned["_answers"], turned.id]
    in_turn = ibis.window(group_by=["visit", "step"], order_by=order)
    so_far = ibis.window(group_by=["visit", "step"], order_by=order, preceding=None, following=0)
    return turned.mutate(
        declines=turned["_no"].sum().over(so_far).cast("int64"),
        turn=(ibis.row_number().over(in_turn) + 1).cast("int64"),
    ).drop("_answers", "_no")


def told(timed: Any, begun: Any, playbook: Playbook) -> Any:
    """The step events that belong to a visit, as they stand: the columns of `acts` without declines and turn, and employee."""
    telling = timed.filter(timed.subject.notnull(), timed.type.isin([OFFERED, *ANSWERS]))
    known = telling.inner_join(planned(playbook), "rule")
    reason = attributes.text(known, "reason").strip()
    named = known.mutate(reasoned=(reason.length() > 0).fill_null(False))
    return visits.belonging(named.select(*_ROW), begun)


def planned(playbook: Playbook, chosen: Callable[[Step], bool] = lambda _: True) -> Any:
    """The playbook's steps (those that are `chosen`) as a small table: rule, procedure, step (`<procedure>/<step>`), kind."""
    found = [
        (visits.rule(procedure, step.name), procedure.name, visits.name(procedure, step.name), step.kind)
        for procedure in playbook.procedures.values()
        for step in procedure.steps
        if chosen(step)
    ]
    names = ("rule", "procedure", "step", "kind")
    schema = pa.schema([(name, pa.string()) for name in names])
    return ibis.memtable(pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in found], schema=schema))
