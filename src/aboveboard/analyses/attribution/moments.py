"""The moments before a rating: who touched the customer, and which breakdowns were known by then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import ibis

from aboveboard.analyses.shared import horizon
from aboveboard.ledger import attributes, epochs

TOUCHES = (
    "contact.started", "contact.ended", "message.sent", "exception.granted", "exception.denied", "escalation.decided",
    "remedy.given", "step.offered", "step.done", "step.adapted", "order.ready", "order.delivered", "order.cancelled",
    "payment.refunded", "complaint.received", "order.returned",
)  # fmt: skip
"""Types by which the customer is touched; internal words, assignments and hand-offs are not among them."""
MOMENT = ("rating", "number", "at", "until")
"""A moment: its rating, its number within it (a text), when it began and ended in microseconds."""
LOST_AFTER = timedelta(days=2)
"""A hand-off not received so long after it was sent is lost (as in table `handoffs`)."""
_POLICY = "policy:"


def touches(before: Any, pause: int) -> Any:
    """One row per touch: MOMENT, and who acted: cause, name, employee. Acts of one party with no longer pause are one."""
    acts = before.filter(_is_touch(before))
    place = ibis.coalesce(acts.touchpoint, acts.team, acts.channel, "somewhere")
    served = acts.employee.notnull()
    party = served.ifelse("employee " + ibis.coalesce(acts.employee, ""), "process " + place)
    acts = acts.mutate(party=party, place=place)
    in_turn = ibis.window(group_by="rating", order_by=["at", "id"])
    same = (acts.party == acts.party.lag().over(in_turn)) & (acts.at - acts.at.lag().over(in_turn) <= pause)
    acts = acts.mutate(new=same.fill_null(False).ifelse(0, 1))
    number = acts.new.sum().over(ibis.cumulative_window(group_by="rating", order_by=["at", "id"]))
    acts = acts.mutate(number="touch " + number.cast("int64").cast("string"))
    grouped = acts.group_by("rating", "number", "employee").aggregate(
        at=acts.at.min(), until=acts.at.max(), place=acts.place.min()
    )
    served = grouped.employee.notnull()
    return grouped.mutate(
        cause=served.ifelse("employee", "process"), name=served.ifelse(ibis.null("string"), "touch: " + grouped.place)
    )


def _is_touch(events: Any) -> Any:
    """Acts towards the customer. That a customer began a contact with nobody yet there is no act of ours."""
    hidden = (events.audience == "internal").fill_null(False)
    waiting = events.type.isin(["contact.started", "complaint.received", "order.returned"]) & events.employee.isnull()
    return events.type.isin(TOUCHES) & ~hidden & ~waiting


def breakdowns(before: Any, tables: Mapping[str, Any]) -> Any:
    """One row per rating and breakdown known by then.

    MOMENT (`at` is when it was known), cause, name, employee (absent), and `moment`: whether it befell the customer by
    itself; else it is in an act that is a touch already.
    """
    found = [_denied(before), _sent_back(before)]
    for name, of in (
        ("promises", _missed),
        ("handoffs", _lost),
        ("claims", _contradicted),
        ("contradictions", _told_two_things),
        ("insistence", _insisted),
    ):
        if tables.get(name) is not None:
            found.append(_known(before, of(tables[name])))
    return ibis.union(*found).distinct() if len(found) > 1 else found[0]


def _shaped(rows: Any, cause: str, *, moment: bool) -> Any:
    """From rating, event, at (microseconds) and name."""
    return rows.select(
        rating=rows.rating,
        number=f"{cause} " + rows.event + " " + rows.name,
        at=rows.at,
        until=rows.at,
        cause=ibis.literal(cause),
        name=rows.name,
        employee=ibis.null("string"),
        moment=ibis.literal(moment),
    )


def _known(before: Any, found: tuple[str, Any, bool]) -> Any:
    """Breakdowns of earlier events, known by the time of the rating."""
    cause, rows, moment = found
    joined = rows.rename(known_at="at").inner_join(before.select("rating", "rated_at", event="id"), "event")
    joined = joined.filter(joined.known_at <= joined.rated_at)
    return _shaped(joined.rename(at="known_at"), cause, moment=moment)


def _denied(before: Any) -> Any:
    rows = before.filter((before.type == "exception.denied") & before.rule.startswith(_POLICY))
    return _shaped(rows.mutate(name=rows.rule.substr(len(_POLICY)), event=rows.id), "policy", moment=False)


def _sent_back(before: Any) -> Any:
    """Goods that were sent back before the rating."""
    product = attributes.text(before, "product")
    rows = before.mutate(name=product, event=before.id).filter(before.type == "order.returned")
    return _shaped(rows.filter(rows.name.notnull()), "product", moment=True)


def _missed(promises: Any) -> tuple[str, Any, bool]:
    """Neither kept nor cancelled by its time."""
    after = [(promises[end].isnull() | (promises[end] > promises.due_at)) for end in ("met_at", "cancelled_at")]
    rows = promises.filter(promises.due_at.notnull(), *after)
    known = ibis.greatest(epochs.micros(rows.due_at) + 1, epochs.micros(rows.made_at))
    return "promise", rows.select(event="event", name="promise", at=known), True


def _lost(handoffs: Any) -> tuple[str, Any, bool]:
    rows = handoffs.filter(handoffs.lost)
    known = epochs.micros(rows.sent_at) + horizon.width(LOST_AFTER, name="lost_after")
    between = ibis.coalesce(rows.sender, "?") + " → " + ibis.coalesce(rows.receiver, "?")
    return "process", rows.select(event="event", name="hand-off: " + between, at=known), True


def _contradicted(claims: Any) -> tuple[str, Any, bool]:
    rows = claims.filter(claims.verdict == "contradicted", claims.window_to.notnull())
    known = ibis.greatest(epochs.micros(rows.window_to), epochs.micros(rows.said_at))
    return "process", rows.select(event="event", name="words: " + rows.claim, at=known), True


def _told_two_things(contradictions: Any) -> tuple[str, Any, bool]:
    rows = contradictions
    return (
        "process",
        rows.select(event="second_event", name="words: " + rows.fact, at=epochs.micros(rows.second_at)),
        True,
    )


def _insisted(insistence: Any) -> tuple[str, Any, bool]:
    rows = insistence
    return "process", rows.select(event="event", name="offer: " + rows.step, at=epochs.micros(rows.offered_at)), False
