"""What of a case its customer sees: the state that is shown inside, what was promised, said and done; nothing of persons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aboveboard.ledger.errors import AboveboardError
from aboveboard.ledger.event import Event
from aboveboard.playbook.running import Clock

LASTS = timedelta(days=60)
DONE: Mapping[str, str] = {
    "case.opened": "We opened your case",
    "complaint.received": "You complained",
    "case.acknowledged": "We confirmed that we have it",
    "case.assessed": "We looked at how much hangs on it for you",
    "case.begun": "We began to work on it",
    "handoff.sent": "We handed it to another team",
    "escalation.opened": "We asked somebody with more authority to decide",
    "escalation.decided": "They decided",
    "exception.granted": "We made an exception for you",
    "exception.denied": "We did not make an exception",
    "remedy.given": "We put something right",
    "case.decided": "We decided",
    "case.appealed": "You did not accept the decision",
    "case.closed": "We closed your case",
    "case.reopened": "We opened your case again",
    "order.placed": "You ordered",
    "order.paid": "You paid",
    "order.shipped": "Your order was sent",
    "order.ready": "Your order is ready",
    "order.delivered": "Your order arrived",
    "order.cancelled": "Your order was cancelled",
    "order.returned": "You sent your order back",
    "payment.refunded": "We paid you back",
}
"""What was done, in words to the customer. What is not listed is not shown: notes, assignments, anything about persons."""
PROMISED: Mapping[str | None, str] = {
    "kept": "kept",
    "late": "kept, but late",
    "broken": "not kept in time",
    "open": "still to come",
    "at risk": "still to come",
    "cancelled": "no longer applies",
    None: "without a time",
}
"""What became of a promise. One at risk is still to come: that it may fail is said by writing to the customer, not by a word."""


class LinkError(AboveboardError):
    """The link does not open a page, or something cannot be done there; the text says why, to the customer."""

    exit_code = 2


@dataclass(frozen=True)
class Line:
    """Something in the order of time: `side` is `you`, `we`, or `done` for what was done rather than said."""

    at: datetime
    side: str
    words: str


def lines(events: Iterable[Event]) -> Sequence[Line]:
    """What was said between customer and organisation, and what was done, in order. Words meant for inside are not among it."""
    return [line for one in events if (line := _line(one)) is not None]


_SAID = {"message.sent": "we", "message.received": "you", "complaint.received": "you", "case.appealed": "you"}


def _line(event: Event) -> Line | None:
    if event.type in _SAID and event.text and event.audience != "internal":
        return Line(event.time, _SAID[event.type], event.text)
    return Line(event.time, "done", DONE[event.type]) if event.type in DONE else None


def promises(clocks: Iterable[Clock]) -> Sequence[tuple[Clock, str]]:
    """Each promise with what became of it, in words to the customer."""
    return [(one, PROMISED[one.state]) for one in clocks]


def may_appeal(state: str) -> bool:
    """Whether there is a decision that the customer can object to."""
    return state in ("told", "closed")
