"""Who was asked again after a no? One row per offer that came after a decline of the same step in the same visit."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import ibis

from aboveboard.analyses.procedures import acts, visits
from aboveboard.analyses.procedures.tables import INSISTENCE
from aboveboard.analyses.shared import arrays, horizon

if TYPE_CHECKING:
    from aboveboard.playbook.model import Playbook

_GROUP = ["visit", "step"]


def insistence(events: Any, playbook: Playbook, *, as_of: datetime | None = None) -> Any:
    """Find the offers that came after a no: table INSISTENCE (see `tables`), as a query.

    Of any step, whatever its kind: the constraint "no offer after a decline" (not succession, in the words of DECLARE).
    The first offer of a visit is never one. `as_of` defaults to the last time in the events; what came later does not
    count. A playbook without procedures gives no rows.
    """
    if not playbook.procedures:
        return arrays.rows_to_table(INSISTENCE, [])
    timed, _ = horizon.until(events, as_of)
    begun = visits.starts(timed, playbook)
    followed = _followed(acts.acts(timed, begun, playbook))
    insisting = followed.filter(followed.type == acts.OFFERED, followed.declines > 0)
    in_turn = ibis.window(group_by=_GROUP, order_by=insisting.turn)
    numbered = insisting.mutate(times=(ibis.row_number().over(in_turn) + 1).cast("int64"))
    return _named(numbered, followed.filter(followed.type == "step.declined"), begun)


def _followed(rows: Any) -> Any:
    """The events of each step, with when it was last done."""
    done = rows.at.max(where=rows.type == "step.done")
    return rows.mutate(last_done=done.over(group_by=_GROUP))


def _named(insisting: Any, declines: Any, begun: Any) -> Any:
    """Each insisting offer with the last decline before it: the one whose number it carries."""
    last = declines.select(*_GROUP, "declines", declined_event="id", declined_at="time")
    started = begun.select("visit", "procedure", "subject", starting_customer="customer", starting_team="team")
    own = insisting.drop("subject").inner_join(last, [*_GROUP, "declines"])
    rows = own.inner_join(started, ["visit", "procedure"])
    return rows.mutate(
        event=rows.id,
        offered_at=rows.time,
        customer=ibis.coalesce(rows.customer, rows.starting_customer),
        team=ibis.coalesce(rows.team, rows.starting_team),
        accepted=(rows.last_done >= rows.at).fill_null(False),
    ).select(*INSISTENCE.columns)
