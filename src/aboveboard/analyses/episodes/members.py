"""Which events make up one need of one customer?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import ibis

from aboveboard.analyses.episodes import joining
from aboveboard.analyses.episodes.persons import persons
from aboveboard.analyses.episodes.tables import MEMBERS
from aboveboard.analyses.episodes.units import units, with_units
from aboveboard.analyses.shared import horizon

GAP = timedelta(days=7)
SESSION = timedelta(hours=12)
LONGEST = timedelta(days=90)
SHARED_BY = 3


def members(
    events: Any,
    *,
    links: Any | None = None,
    by: joining.By = "need",
    gap: timedelta = GAP,
    session: timedelta = SESSION,
    longest: timedelta = LONGEST,
    shared_by: int = SHARED_BY,
    as_of: datetime | None = None,
) -> Any:
    """Say of every event which episode it belongs to: table MEMBERS (see `tables`), as a query; one row per event.

    Ids first: the events of one subject are one unit; those without a customer get the subject's. Then the units of
    one person (customer keys that `links` calls `linked` are one) in order of time:

    - a follow-up (a contact, a case, a complaint, a survey, …) joins what ended at most `gap` before it;
    - an order joins when the customer spoke up at most `gap` before it, or when it was placed at most `session`
      after the visit that led to it or after another order. Orders that went well, with no word from the
      customer between them, stay apart, however often he orders;
    - nothing joins across `longest`, counted from the first event: then the next stretch begins.

    `by="subject"` keeps subjects apart: only what has no subject is joined, to what came before or to what it led to.
    A subject with more than `shared_by` persons ties nothing together. Events without customer and subject are
    episodes of their own. `as_of` leaves out what came later.

    Raises ValueError for an unknown `by`, a negative length of time, or a `longest` of zero.
    """
    if by not in ("need", "subject"):
        raise ValueError(f"by={by!r}: episodes are joined by 'need' or by 'subject'")
    if longest <= timedelta(0):
        raise ValueError(f"longest={longest}: an episode needs some length of time")
    rule = joining.Rule(
        by,
        horizon.width(gap, name="gap"),
        horizon.width(session, name="session"),
        horizon.width(longest, name="longest"),
    )
    timed, _ = horizon.until(events, as_of)
    placed = with_units(
        timed.select("id", "type", "at", "customer", "subject"),
        None if links is None else persons(links),
        shared_by=shared_by,
    )
    return _keyed(placed, joining.islands(units(placed), rule))


def _keyed(events: Any, islands: Any) -> Any:
    """Name each episode after its first event."""
    held = events.left_join(islands.select("unit", "island", "stretch"), "unit")
    alone = ibis.ifelse(held.island.isnull(), held.unit, ibis.null("string"))
    threaded = held.mutate(alone=alone)
    in_turn = ibis.window(
        group_by=["person", "island", "stretch", "alone"],
        order_by=[threaded.at, threaded.id],
        preceding=None,
        following=0,
    )
    return threaded.select(
        episode=threaded.id.first().over(in_turn), event=threaded.id, customer=threaded.person
    ).select(*MEMBERS.columns)
