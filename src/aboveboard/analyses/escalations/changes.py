"""What counts as a change for the customer: a list, so that it can be read, argued about and added to.

Something is different for the customer, and the record shows it: money or goods moved, a refusal became a yes, a
booking became another, a promise was kept. What is done behind the curtain (notes, assignments, a pat on the back,
closing the case) is not on the list, and neither are words, however kind: a message, an apology, "we are looking into it".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import ibis

ABOUT_OUR_WORK = frozenset(
    {
        "new", "open", "opened", "reopened", "assigned", "pending", "on hold", "on-hold", "waiting", "escalated",
        "in progress", "in review", "under review", "processing", "answered", "closed", "solved", "resolved", "done",
        "received", "acknowledged", "assessed", "in work", "decided", "appealed",
    }
)  # fmt: skip
"""Statuses that tell how far our work on the case is, not that anything is different for the customer."""
WORDS = frozenset({"apology", "apologies", "explanation", "acknowledgement", "acknowledgment", "none", "nothing"})
"""Kinds of remedy that are words."""


@dataclass(frozen=True)
class Change:
    """One line of the list: an event type, or a family of them (`booking.*`).

    `reach` says to which escalations such an event speaks. `need`: the same subject, the customer where the event has
    no subject, or the same episode where episodes are known; a refund is often booked on the order while the
    escalation stands on the ticket. `subject`: the same subject alone, for what would come about anyway on the
    customer's other orders. `unless` are outcomes (in small letters) with which it is no change. `shown`: only where
    the customer sees it (audience `customer`).
    """

    type: str
    reach: Literal["need", "subject"] = "need"
    unless: frozenset[str] = frozenset()
    shown: bool = False

    def holds(self, events: Any) -> Any:
        """The condition over events, never absent."""
        family = self.type.endswith("*")
        kind = events.type.startswith(self.type[:-1]) if family else events.type == self.type
        if self.unless:
            kind = kind & ~events.outcome.lower().isin(sorted(self.unless)).fill_null(False)
        if self.shown:
            kind = kind & (events.audience == "customer").fill_null(False)
        return kind


CHANGES: tuple[Change, ...] = (
    Change("remedy.given", unless=WORDS),
    Change("exception.granted"),
    Change("payment.refunded"),
    Change("booking.*"),
    Change("reservation.*"),
    Change("appointment.*"),
    Change("promise.kept", reach="subject"),
    Change("order.shipped", reach="subject"),
    Change("order.ready", reach="subject"),
    Change("order.delivered", reach="subject"),
    Change("order.cancelled", reach="subject"),
    Change("status.changed", reach="subject", unless=ABOUT_OUR_WORK, shown=True),
)
"""The default list. What the customer does (order, pay, send back) is no change that we made."""


def made(events: Any, changes: Sequence[Change]) -> Any:
    """The events that are a change, each with `reaches` (does its line reach beyond the subject?).

    `events` carry `at`. Columns: id, type, at, subject, customer, value, reaches.
    """
    far = _any([change for change in changes if change.reach == "need"], events)
    return events.filter(_any(changes, events)).select("id", "type", "at", "subject", "customer", "value", reaches=far)


def _any(changes: Collection[Change], events: Any) -> Any:
    held: Any = ibis.literal(False)
    for change in changes:
        held = held | change.holds(events)
    return held
