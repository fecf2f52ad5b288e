"""Units: the smallest pieces of an episode, which its ids hold together and nothing takes apart.

All events of a subject are one unit, whoever the customer on them is; an event without a subject is a unit by itself.
"""

from __future__ import annotations

from typing import Any

import ibis

# The customer speaks up: what joins an order to what comes after it.
VOICES = ("contact.started", "message.received", "complaint.received", "case.opened", "case.reopened")


def with_units(events: Any, persons: Any | None, *, shared_by: int) -> Any:
    """The events (which carry `at`) with `person`, `unit` and `tied`, the events of a subject that has an owner.

    `person` is the owner of the subject: the person first seen on it, so that events without a customer get the
    subject's and a call by somebody else about the order stays with the order. A subject with more than `shared_by`
    persons is a thing they have in common (a product, a shop), not a need: it ties nothing together.
    """
    known = _with_person(events, persons)
    owners = _owners(known)
    joined = known.left_join(owners, [("subject", "owned")])
    common = (joined.persons > shared_by).fill_null(False)
    person = ibis.ifelse(common, joined.own, ibis.coalesce(joined.owner, joined.own))
    by_subject = joined.subject.notnull() & (~common | joined.own.isnull())
    unit = ibis.ifelse(by_subject, "s:" + joined.subject, "e:" + joined.id)
    return joined.mutate(person=person, unit=unit, tied=by_subject).select(*events.columns, "person", "unit", "tied")


def _with_person(events: Any, persons: Any | None) -> Any:
    if persons is None:
        return events.mutate(own=events.customer)
    mapping = persons.select(mapped="customer", person="person")
    joined = events.left_join(mapping, [("customer", "mapped")])
    return joined.mutate(own=ibis.coalesce(joined.person, joined.customer)).select(*events.columns, "own")


def _owners(events: Any) -> Any:
    """One row per subject with a customer: owned (the subject), owner, persons (how many there are)."""
    named = events.filter(events.subject.notnull(), events.own.notnull())
    met = named.group_by("subject", "own").aggregate(first=named.at.min())
    ranked = met.mutate(
        place=ibis.row_number().over(group_by="subject", order_by=[met.first, met.own]),
        persons=met.count().over(group_by="subject"),
    )
    return ranked.filter(ranked.place == 0).select(owned="subject", owner="own", persons="persons")


def units(events: Any) -> Any:
    """One row per unit: person, unit, tied, start, end, ordered, talk, visit (times in microseconds since 1970).

    `ordered` is the first `order.*` event, absent where there is none. `talk` is the last time the customer spoke up,
    after `ordered` where there is one: an order that went well has none. `visit` is true where there are only
    contacts and messages.
    """
    kind = events.mutate(
        is_order=events.type.startswith("order."),
        is_voice=events.type.isin(VOICES),
        is_visit=events.type.startswith("contact.") | events.type.startswith("message."),
    )
    summed = kind.group_by("person", "unit", "tied").aggregate(
        start=kind.at.min(),
        end=kind.at.max(),
        ordered=kind.at.min(where=kind.is_order),
        spoke=kind.at.max(where=kind.is_voice),
        others=(~kind.is_visit).ifelse(1, 0).sum(),
    )
    after = summed.ordered.isnull() | (summed.spoke > summed.ordered)
    return summed.mutate(talk=ibis.ifelse(after, summed.spoke, ibis.null("int64")), visit=summed.others == 0).drop(
        "spoke", "others"
    )
