"""The words the analyses understand: every event type of the vocabulary, and which columns it needs.

Any other type is welcome in a ledger and counts as an activity; it merely carries no meaning of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class EventType:
    """One word of the vocabulary.

    `needs` and `may` name ledger columns beside `id`, `type` and `time`; `attributes.x` is a key of the JSON column,
    and `rule or text` is met by either. An event that lacks what its type needs is recorded all the same and counted
    as a warning: it happened, though fewer questions can be answered with it. `value` and `outcome` say what the
    columns of those names hold; None where the type gives them no meaning.
    """

    name: str
    meaning: str
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    value: str | None = None
    attributes: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    outcome: str | None = None


ATTRIBUTES_OF_ANY: Mapping[str, str] = MappingProxyType(
    {
        "problem": "the known problem that this event belongs to",
        "account": "the business customer that this event belongs to",
        "says": "what a customer was told: an object of fact → value, such as {\"order\": \"never arrived\"}",
        "shows": "what the record shows: an object of fact → value, such as {\"order\": \"placed\"}",
        "segment": "the kind of customer, whose records are held against one another",
        "household": "the household or address that the customer shares with others",
        "abuse": "true where the record shows that the customer abused our trust; false where harm befell the customer",
        "appeal": "true, or the id of the refusal, where the customer objects to one",
    }
)  # fmt: skip

_PERSON = ("customer", "subject", "employee")


def _orders() -> tuple[EventType, ...]:
    happened = {
        "placed": "The customer ordered.",
        "paid": "The order was paid for.",
        "shipped": "The order left for the customer.",
        "ready": "The order is ready to be picked up.",
        "delivered": "The customer has the order.",
        "cancelled": "The order was called off.",
        "returned": "The customer brought or sent the order back.",
    }
    may = ("customer", "team", "channel", "due")
    return tuple(EventType(f"order.{w}", m, ("subject",), may, "the amount of money") for w, m in happened.items())


def _contacts() -> tuple[EventType, ...]:
    needs, may = ("customer", "channel"), ("subject", "touchpoint", "team", "employee")
    words = ("text", "audience")
    return (
        EventType("contact.started", "The customer came to us, or we to the customer.", needs, may),
        EventType(
            "contact.ended", "The contact is over.", needs, (*may, "outcome"), "the minutes it took",
            outcome="resolved, unresolved, abandoned",
        ),
        EventType("message.sent", "We wrote or said something to somebody.", words, _PERSON),
        EventType("message.received", "Somebody wrote or said something to us.", words, _PERSON),
        EventType("note.written", "Words behind the curtain: an internal note.", words, _PERSON),
        EventType("status.changed", "A status that somebody can see became another.",
                  ("subject", "outcome", "audience"), outcome="the new status"),
    )  # fmt: skip


def _cases() -> tuple[EventType, ...]:
    needs, may = ("subject",), ("customer", "team", "employee", "channel", "outcome")
    why = {"cause": "why the case came about, said on closing"}
    return (
        EventType("case.opened", "Work on a customer's matter began.", needs, may),
        EventType("case.assigned", "The case got an owner, or another one.", needs, may),
        EventType("case.closed", "The case was declared finished.", needs, may, attributes=why),
        EventType("case.reopened", "The case was not finished after all.", needs, may),
        EventType("complaint.received", "A customer is dissatisfied and expects an answer.", needs, may),
        EventType("handoff.sent", "A team gave the work away.", ("subject", "team", "attributes.to"), ("employee",),
                  attributes={"to": "the team that shall take it"}),
        EventType("handoff.received", "A team took the work on.", ("subject", "team"), ("employee",)),
        EventType("escalation.opened", "Somebody asked for a decision from higher up.",
                  ("subject", "attributes.authority"), ("employee",), attributes={"authority": "the level needed"}),
        EventType("escalation.decided", "The decision came.",
                  ("subject", "employee", "outcome", "attributes.authority"),
                  attributes={"authority": "the level used"}),
        EventType("remedy.given", "The customer got something to put it right.", ("subject", "outcome", "value"),
                  ("customer", "employee"), "the cost", outcome="the kind of remedy"),
    )  # fmt: skip


def _promises() -> tuple[EventType, ...]:
    needs, may = ("subject", "rule or text", "due"), ("customer", "channel", "team", "employee")
    settled = ("subject", "rule or text")
    return (
        EventType("promise.made", "A customer was promised something by a time.", needs, may),
        EventType("promise.kept", "What was promised was done.", settled, (*may, "due")),
        EventType("promise.withdrawn", "The promise was taken back.", settled, (*may, "due")),
    )


def _exceptions() -> tuple[EventType, ...]:
    asked, decided = ("subject", "rule"), ("subject", "rule", "employee")
    attributes = {"level": "the authority used: rep, lead, manager", "reason": "why"}
    denied_for = {**attributes, "evidence": "what a refusal rests on: abuse, law, safety, impossible"}
    return (
        EventType("exception.requested", "Somebody asked for what a policy forbids.", asked, ("customer", "employee"),
                  "the cost", {"reason": "why"}),
        EventType("exception.granted", "It was allowed all the same.", decided, ("customer",), "the cost", attributes),
        EventType("exception.denied", "It was refused.", decided, ("customer",), "the cost", denied_for),
        EventType("harm.found", "An exception turned out badly.", ("subject", "rule", "value"), ("customer",), "the cost"),
    )  # fmt: skip


def _steps() -> tuple[EventType, ...]:
    needs, why = ("subject", "rule"), {"reason": "why the step was left or changed"}
    may = ("customer", "employee")
    return (
        EventType("step.offered", "A step of a procedure was offered.", needs, may),
        EventType("step.done", "The step was done.", needs, may),
        EventType("step.declined", "The customer did not want it.", needs, may),
        EventType("step.adapted", "The step was done in another way.", (*needs, "attributes.reason"), may, None, why),
        EventType("step.skipped", "The step was left out.", (*needs, "attributes.reason"), may, None, why),
    )


def _voices() -> tuple[EventType, ...]:
    about, pulse = ("customer", "subject"), ("team", "outcome")
    asks = "training, tools, system, help"
    return (
        EventType("survey.answered", "A customer answered one question of a survey.", ("outcome", "value"),
                  ("touchpoint", *_PERSON, "text"), "the score", outcome="nps, csat, ces, rating"),
        EventType("review.posted", "A customer reviewed us in public.", ("text",), ("value", *about), "the rating"),
        EventType("post.published", "Somebody wrote about us in public.", ("text",), ("value", *about), "the rating"),
        EventType("pulse.asked", "A team was asked what is missing.", pulse, ("text",), outcome=asks),
        EventType("pulse.answered", "A team member answered.", (*pulse, "value"), ("text",), "1 to 5", outcome=asks),
        EventType("pulse.replied", "The answer was answered.", pulse, ("text",), outcome=asks),
        EventType("suggestion.made", "An employee proposed something.", ("rule", "text"), ("employee",)),
        EventType("suggestion.answered", "The proposal was answered.", ("rule", "text"), ("employee",)),
        EventType("conduct.reported", "Somebody reported how an employee or a customer behaved.",
                  ("employee", "text"), ("customer", "subject"), attributes={"by": "who reported it"}),
        EventType("recognition.given", "Somebody thanked an employee.", ("employee", "text"), ("customer", "subject"),
                  attributes={"by": "who thanked"}),
    )  # fmt: skip


def _ends() -> tuple[EventType, ...]:
    paid = ("customer", "value")
    return (
        EventType("fix.released", "A change meant to end a problem is in force.", ("rule or subject", "text"),
                  ("team", "channel"),
                  attributes={"reduce_by": "by what it is judged: the share by which breakdowns become fewer, such as 0.5",
                              "at_most": "or the rate that is to be left: breakdowns a week, or a share of cases",
                              "window_weeks": "the weeks after which the verdict stands"}),
        EventType("customer.left", "The customer is a customer no longer.", ("customer",), (), "the money lost per year"),
        EventType("payment.received", "The customer paid.", paid, ("subject",), "the amount of money"),
        EventType("payment.refunded", "The customer got money back.", paid, ("subject",), "the amount of money"),
    )  # fmt: skip


VOCABULARY: dict[str, EventType] = {
    word.name: word
    for family in (_orders, _contacts, _cases, _promises, _exceptions, _steps, _voices, _ends)
    for word in family()
}
