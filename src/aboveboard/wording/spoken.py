"""Which events hold the organisation's own words, and whom they are said to: customers, or colleagues about them."""

from __future__ import annotations

from aboveboard.wording.model import Audience

OURS: dict[str, Audience] = {
    "message.sent": "customer",
    "status.changed": "customer",
    "promise.made": "customer",
    "promise.withdrawn": "customer",
    "exception.granted": "customer",
    "exception.denied": "customer",
    "remedy.given": "customer",
    "note.written": "internal",
    "contact.started": "internal",
    "contact.ended": "internal",
    "case.opened": "internal",
    "case.assigned": "internal",
    "case.closed": "internal",
    "case.reopened": "internal",
    "escalation.opened": "internal",
    "escalation.decided": "internal",
    "handoff.sent": "internal",
    "handoff.received": "internal",
}
"""Types whose text is ours, with whom it is said to where the event does not say."""

THEIRS = frozenset(
    {
        "message.received",
        "complaint.received",
        "survey.answered",
        "review.posted",
        "post.published",
        "exception.requested",
        "pulse.asked",
        "pulse.answered",
        "pulse.replied",
        "suggestion.made",
        "suggestion.answered",
        "conduct.reported",
        "recognition.given",
        "fix.released",
    }
)
"""Types whose text is never linted: customers' words, and what colleagues may freely tell the house about itself."""

CAUSE = "case.closed"
"""The type whose `attributes.cause` is read too: a cause such as "difficult customer" is words about a customer."""


def audience_of(type: str, audience: str | None) -> Audience | None:
    """Whom the text of an event is said to; None where it is not ours to lint.

    An event of another type counts where it names its audience.
    """
    if type in THEIRS:
        return None
    if audience in ("customer", "internal"):
        return "customer" if audience == "customer" else "internal"
    return OURS.get(type)
