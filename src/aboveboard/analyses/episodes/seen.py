"""Hand-offs that nobody wrote down, read from who acted after whom: the window form, the same on every engine."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import ibis

from aboveboard.engines import grouping


def acting(events: Any, acts: Collection[str] | None) -> Any:
    """The acts: events with a team and a subject, of the types in `acts` (all types where None)."""
    found = events.filter(events.team.notnull(), events.subject.notnull())
    if acts is not None:
        found = found.filter(found.type.isin(sorted(acts)))
    return found.select("id", "time", "subject", "customer", "team")


def between_teams(acting: Any) -> Any:
    """Successive acts on one subject by different teams; `acting` carries `at`.

    The hand-off is sent by the last act of one team and received by the first act of the next; at equal times the ids
    decide who was first. Columns: subject, customer, event, sender, receiver, sent and received (microseconds since
    1970), returned.
    """
    in_turn = ibis.window(group_by=grouping.cheapest(acting, ["subject"]), order_by=[acting.at, acting.id])
    after = acting.select(
        "subject",
        customer=ibis.coalesce(acting.customer, acting.customer.lag().over(in_turn)),
        event=acting.id.lag().over(in_turn),
        sender=acting.team.lag().over(in_turn),
        receiver=acting.team,
        sent=acting.at.lag().over(in_turn),
        received=acting.at,
        receipt=acting.id,
    )
    hops = after.filter(after.sender != after.receiver)
    again = ibis.window(group_by=grouping.cheapest(hops, ["subject"]), order_by=[hops.received, hops.receipt])
    return with_returns(hops, again)


def between_channels(contacts: Any) -> Any:
    """Successive contacts of one need on different channels; `contacts` as the module `contacts` gives them.

    The customer carries the work from one channel to the next: sent and received are the starts of the two contacts.
    Columns as `between_teams`, and `need`.
    """
    on = contacts.filter(contacts.channel.notnull())
    in_turn = ibis.window(group_by="need", order_by=[on.at, on.event])
    after = on.select(
        "need",
        subject=ibis.coalesce(on.subject.lag().over(in_turn), on.subject),
        customer=ibis.coalesce(on.customer, on.customer.lag().over(in_turn)),
        event=on.event.lag().over(in_turn),
        sender=on.channel.lag().over(in_turn),
        receiver=on.channel,
        sent=on.at.lag().over(in_turn),
        received=on.at,
        receipt=on.event,
    )
    hops = after.filter(after.sender != after.receiver)
    return with_returns(hops, ibis.window(group_by="need", order_by=[hops.received, hops.receipt]))


def with_returns(hops: Any, in_turn: Any) -> Any:
    """Mark A→B→A as `returned`: the hand-off before, by `in_turn`, went from this one's receiver to this one's sender."""
    back = (hops.receiver == hops.sender.lag().over(in_turn)) & (hops.sender == hops.receiver.lag().over(in_turn))
    return hops.mutate(returned=back.fill_null(False))
