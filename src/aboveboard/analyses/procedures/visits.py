"""What a visit is, and which events belong to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import ibis

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook, Procedure

_KEY = ("procedure", "subject")


def starts(timed: Any, playbook: Playbook) -> Any:
    """One row per visit, as a query: the columns of its starting event, procedure, visit (that event's id), started_at
    (its time) and number.

    A visit starts with each event that meets the procedure's `starts`; a procedure without one starts with the first of
    its step events on a subject. `number` counts the visits of a procedure on one subject, from 1. An event without a
    subject starts nothing, for no step could be tied to it. The playbook has at least one procedure.
    """
    begun = [_begun(timed, procedure) for procedure in playbook.procedures.values()]
    rows = ibis.union(*begun, distinct=False)
    in_turn = ibis.window(group_by=[rows[name] for name in _KEY], order_by=[rows.at, rows.id])
    return rows.mutate(visit=rows.id, started_at=rows.time, number=(ibis.row_number().over(in_turn) + 1).cast("int64"))


def belonging(rows: Any, begun: Any) -> Any:
    """`rows` (procedure, subject, at, …) with `visit`: the latest start at or before them. Rows before any are left out.

    `begun` is what `starts` gives. A start and a step at the same moment belong together.
    """
    absent = {name: ibis.null(kind) for name, kind in rows.schema().items() if name not in (*_KEY, "at")}
    line = rows.mutate(_starts=ibis.literal(0, type="int64"))
    marks = begun.select(*_KEY, "at", **absent, _starts=ibis.literal(1, type="int64")).select(*line.columns)
    both = ibis.union(line, marks, distinct=False)
    so_far = ibis.window(
        group_by=[both[name] for name in _KEY],
        order_by=[both.at, both["_starts"].desc()],
        preceding=None,
        following=0,
    )
    counted = both.mutate(number=both["_starts"].sum().over(so_far).cast("int64")).filter(both["_starts"] == 0)
    held = begun.select(*_KEY, "number", "visit")
    return counted.inner_join(held, [*_KEY, "number"]).select(*rows.columns, "visit")


def rules(procedure: Procedure) -> Iterator[str]:
    """What the ledger's column `rule` holds for the procedure's steps."""
    return (rule(procedure, step.name) for step in procedure.steps)


def rule(procedure: Procedure, step: str) -> str:
    """What the ledger's column `rule` holds for a step."""
    return f"step:{name(procedure, step)}"


def name(procedure: Procedure, step: str) -> str:
    """A step as the tables call it."""
    return f"{procedure.name}/{step}"


def _begun(timed: Any, procedure: Procedure) -> Any:
    tied = timed.filter(timed.subject.notnull())
    if procedure.starts is not None:
        begun = tied.filter(procedure.starts.to_ibis(tied))
    else:
        of_steps = tied.filter(tied.type.startswith("step."), tied.rule.isin(list(rules(procedure))))
        ranked = of_steps.mutate(_rank=ibis.row_number().over(group_by="subject", order_by=[of_steps.at, of_steps.id]))
        begun = ranked.filter(ranked["_rank"] == 0).drop("_rank")
    return begun.mutate(procedure=ibis.literal(procedure.name))
