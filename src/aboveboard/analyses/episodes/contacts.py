"""Contacts: the times a customer was in touch, whether a system counted them or only kept the messages.

A `contact.started` event is a contact. A channel on which the ledger holds no `contact.started` at all is known by its
messages alone: there a contact is a *visit*, messages from the customer (`message.received`) of one need with gaps of
less than thirty minutes. The rule is per channel, so that a chat whose system counts contacts is not counted twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import ibis

from aboveboard.analyses.shared import horizon

VISIT_GAP = timedelta(minutes=30)
COLUMNS = ("event", "need", "at", "subject", "customer", "channel", "team", "touchpoint")


def contacts(
    events: Any, members: Any | None = None, *, as_of: datetime | None = None, visit_gap: timedelta = VISIT_GAP
) -> Any:
    """One row per contact: event (its id), need, at (microseconds since 1970), subject, customer, channel, team, touchpoint.

    `need` is the episode where `members` (table MEMBERS) says it; else the subject, else the customer, else the event.
    """
    talk, _ = horizon.until(events.filter(events.type.isin(["contact.started", "message.received"])), as_of)
    counted = talk.filter(talk.type == "contact.started").select(counted="channel").distinct()
    known = talk.left_join(counted, [("channel", "counted")])
    visit = known.type == "message.received"
    uncounted = known.channel.notnull() & known.counted.isnull()
    talk = known.mutate(visit=visit).filter(~visit | uncounted)
    return _first_of_each_visit(with_need(talk, members), horizon.width(visit_gap, name="visit_gap"))


def with_need(events: Any, members: Any | None) -> Any:
    """The events with `event` (their id) and `need`, the thread they belong to."""
    if members is None:
        return events.mutate(event=events.id, need=ibis.coalesce(events.subject, events.customer, events.id))
    needs = members.select(event="event", need="episode")
    return events.mutate(event=events.id).inner_join(needs, "event")


def _first_of_each_visit(talk: Any, gap: int) -> Any:
    in_turn = ibis.window(group_by=["need", "channel", "visit"], order_by=["at", "event"])
    marked = talk.mutate(before=talk.at.lag().over(in_turn))
    begins = ~marked.visit | marked.before.isnull() | (marked.at - marked.before >= gap)
    return marked.filter(begins).select(*COLUMNS)
