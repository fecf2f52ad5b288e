"""A case's life, and who may do which step of it; what it was caused by; when an act on a person is open.

The life cycle is that of complaints in ISO 10002:2018, clause 7: received, acknowledged, assessed, worked on, decided, the customer
told, closed; and the ways back, for a customer who appeals or a case that was not finished after all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from aboveboard import wording
from aboveboard.desk.people import rules as people
from aboveboard.desk.policies.rules import Authority
from aboveboard.ledger.errors import AboveboardError
from aboveboard.ledger.event import Event
from aboveboard.playbook.model import Policy

STATES: Mapping[str, str] = {
    "received": "received",
    "acknowledged": "acknowledged",
    "assessed": "assessed",
    "working": "in work",
    "decided": "decided",
    "told": "answered",
    "closed": "closed",
    "appealed": "appealed",
    "reopened": "reopened",
}
"""Every state, and its word: the same word inside and for the customer."""
OPEN = tuple(one for one in STATES if one != "closed")


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What a new case begins with: `words` are the customer's, `about` what it concerns in the ledger, such as `order:17`.

    A request of the API says its key in `asked_as`, one for each case, and its whole content in `asked_with`.
    """

    title: str
    kind: str = "complaint"
    words: str = ""
    customer: str | None = None
    about: str | None = None
    team: str | None = None
    channel: str | None = None
    topic: str = ""
    asked_as: str | None = None
    asked_with: str | None = None


@dataclass(frozen=True)
class Step:
    """A step of the life cycle: from which states to which, and what one must be allowed."""

    name: str
    before: tuple[str, ...]
    after: str
    act: str = "cases.work"


STEPS: Mapping[str, Step] = {
    one.name: one
    for one in (
        Step("acknowledge", ("received",), "acknowledged"),
        Step("assess", ("acknowledged", "appealed", "reopened"), "assessed"),
        Step("work", ("acknowledged", "assessed", "appealed", "reopened"), "working"),
        Step("decide", ("assessed", "working"), "decided"),
        Step("tell", ("decided",), "told"),
        Step("close", ("told",), "closed"),
        Step("appeal", ("told", "closed"), "appealed"),
        Step("reopen", ("closed",), "reopened"),
    )
}
"""Every step, in the order of a case's life."""

CAUSES: Mapping[str, str] = {
    "promise": "a promise that could not be kept as it stands",
    "channels": "channels or teams that were not coordinated",
    "incentives": "an incentive that pulls the other way",
    "staffing": "too few people when it was busy",
    "training and tools": "training or tools that were missing",
    "vendor": "a vendor in between",
    "person": "something a person did, where nothing before it explains it",
    "nothing": "nothing went wrong: a question or a wish",
}
"""Why a case came about, in the order in which it is asked: the person comes last, and no customer is ever a cause."""

QUESTIONS: Mapping[str, str] = {
    "promise": "Could the promise be kept as it stands?",
    "channels": "Were channels and teams coordinated?",
    "incentives": "Did incentives pull the same way?",
    "staffing": "Were there enough people?",
    "training and tools": "Was whoever did it trained and equipped?",
    "vendor": "Did a vendor do their part?",
}
"""What is asked of the system before a person is spoken of (SPEC 4.11), in this order."""
ANSWERS: Mapping[str, str] = {"yes": "yes", "no": "no", "unknown": "nobody knows"}
ON_PERSONS: Mapping[str, str] = {
    "talk": "talk about it with them",
    "train": "train them",
    "coach": "coach them",
    "warn": "warn them in writing",
}
"""Acts on a person, the gentlest first."""

REMEDIES: Mapping[str, str] = {
    "apology": "an apology",
    "information": "information or help",
    "repair": "a repair",
    "replacement": "a replacement",
    "refund": "a refund",
    "money": "money",
    "voucher": "a voucher",
    "other": "something else",
}
SEVERITIES: Mapping[int, str] = {1: "slight", 2: "serious", 3: "grave"}
"""How much hangs on it for the customer: money, time, health, safety."""
KINDS: Mapping[str, str] = {"complaint": "a complaint", "request": "a question or a wish"}
CHANNELS = ("web", "phone", "chat", "email", "store", "field", "social", "app")
STEP_WORDS: Mapping[str, str] = {
    "acknowledge": "Tell the customer that it was received",
    "assess": "Say how much hangs on it",
    "work": "Begin work",
    "decide": "Decide",
    "tell": "The customer is told",
    "close": "Close",
    "appeal": "The customer does not accept it",
    "reopen": "Open it again",
    "assign": "Give it to somebody",
    "hand": "Hand it to another team",
    "remedy": "Put something right",
}
"""What is done to a case, in the words of a button."""
HAPPENED: Mapping[str, str] = {
    "case.opened": "Case opened",
    "customer.link-made": "Link to the customer's page made",
    "customer.link-revoked": "Link to the customer's page revoked",
    "complaint.received": "The customer complained",
    "message.received": "The customer wrote",
    "message.sent": "We wrote",
    "note.written": "Note",
    "case.acknowledged": "Acknowledged",
    "case.assessed": "Assessed",
    "case.begun": "Work began",
    "case.decided": "Decided",
    "case.closed": "Closed",
    "case.appealed": "The customer does not accept it",
    "case.reopened": "Opened again",
    "case.assigned": "Given to somebody",
    "case.questioned": "The system was asked",
    "handoff.sent": "Handed over",
    "handoff.received": "Taken on",
    "remedy.given": "Put right",
    "promise.made": "Promised",
    "promise.kept": "Promise kept",
    "promise.withdrawn": "Promise taken back",
    "exception.requested": "Exception asked for",
    "exception.granted": "Exception granted",
    "exception.denied": "Exception refused",
    "escalation.opened": "Decision sought higher up",
    "escalation.taken": "Somebody higher up sees to it",
    "escalation.passed": "Passed on higher up",
    "escalation.decided": "Decided higher up",
    "contact.started": "Contact began",
    "contact.ended": "Contact ended",
    "status.changed": "Status",
    "substitution.shown": "Looked how others fared",
    "person.supported": "Something done with a person",
}
"""What happened, in the words of a timeline; another type is told by its own name."""
SUBJECT = "case:desk-"
"""What the ledger's column `subject` holds before a case's number. Cases of other systems that were imported have other names."""
PRESENCE_LASTS = timedelta(seconds=60)
"""Whoever has a case open says so every twenty seconds, and is there for a minute after the last time."""
_MOST_TITLE, _MOST_WORDS, _MOST_SEARCHED = 200, 20, 2_000
_WORD = re.compile(r"[^\W_]+")
_FROM_CUSTOMER = frozenset(
    {"message.received", "contact.started", "contact.ended", "complaint.received", "case.appealed", "remedy.given"}
)


class CaseError(AboveboardError):
    """A step that this case cannot take now; the text says why and what to do."""

    exit_code = 2


class ChangedMeanwhileError(CaseError):
    """Somebody else changed the case since it was read."""


class GateError(CaseError):
    """An act on a person that is shut; the text says what is missing."""


def step(name: str, *, state: str) -> Step:
    """The step of this name, for a case in this state. Raises CaseError where it cannot be taken from there."""
    if name not in STEPS:
        raise CaseError(f"There is no step {name!r}; there are {', '.join(STEPS)}.")
    found = STEPS[name]
    if state not in found.before:
        before = " or ".join(STATES[one] for one in found.before)
        raise CaseError(f"This case is {STATES[state]}. This step is for one that is {before}.")
    return found


def steps(state: str) -> list[str]:
    """The steps that a case in this state can take, in the order of its life."""
    return [one.name for one in STEPS.values() if state in one.before]


def need_another_mind(by: people.Person, *, team: str | None, appealed: bool, decided_by: int | None) -> None:
    """Raise where an appeal would be decided by whoever decided first, or by somebody who may not decide what is escalated.

    ISO 10002, 7.8 and 7.9: a customer who does not accept a decision has it looked at anew.
    """
    if not appealed:
        return
    people.need(by, "escalations.decide", team=team, of_team=True)
    if decided_by == by.id:
        raise CaseError("You decided this the first time. An appeal is decided by somebody else.")


def checked_cause(cause: str, note: str, *, answered: Iterable[str]) -> str:
    """The cause, where a case may be closed with it. `answered` are the questions about the system that have an answer.

    Raises CaseError for a cause that is none, for a note that speaks of the customer with contempt, and for a person as the
    cause while questions about the system are open.
    """
    if cause not in CAUSES:
        raise CaseError(f"Say what caused it: {', '.join(CAUSES)}. A customer is never the cause.")
    remark = next((one for one in wording.lint(note, audience="internal") if one.rule == "contempt"), None)
    if remark:
        raise CaseError(f"“{remark.words}” says nothing about the cause. {remark.why}")
    missing = unanswered(answered)
    if cause == "person" and missing:
        raise CaseError(f"A person is the last thing to ask about. First: {' '.join(missing)}")
    return cause


def unanswered(answered: Iterable[str]) -> list[str]:
    """The questions about the system that nobody has answered yet, in their order, in words."""
    known = set(answered)
    return [words for name, words in QUESTIONS.items() if name not in known]


def checked_answer(question: str, answer: str, evidence: str) -> None:
    """Raise CaseError unless this answers a question about the system, with what it rests on."""
    if question not in QUESTIONS:
        raise CaseError(f"There is no question {question!r}; there are {', '.join(QUESTIONS)}.")
    if answer not in ANSWERS:
        raise CaseError(f"Answer with {', '.join(ANSWERS)}.")
    if not evidence.strip():
        raise CaseError("Say what the answer rests on: an event, a figure, somebody's word.")


@dataclass(frozen=True)
class Gate:
    """Whether an act on a person is open: what is missing, and what the system's answers say against it."""

    missing: tuple[str, ...]
    against: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        return not self.missing and not self.against


def gate(answers: Mapping[str, str], verdict: str | None) -> Gate:
    """The gate before an act on a person: every question answered, the substitution test shown, and neither pointing elsewhere.

    `answers` is question → answer; `verdict` is that of the substitution test, None while it was not shown. A question
    answered no says what else to mend first; so does a test that finds others fared no better (Reason 1997, ch. 9).
    """
    missing = unanswered(answers)
    if verdict is None:
        missing.append("How did it end when others stood there?")
    against = [QUESTIONS[name] for name, answer in answers.items() if answer == "no"]
    if verdict == "system-induced":
        against.append("How did it end when others stood there?")
    return Gate(tuple(missing), tuple(against))


def need_open(found: Gate, *, override: str) -> None:
    """Raise GateError unless the gate is open, or a reason to pass it all the same was given."""
    if found.is_open or override.strip():
        return
    if found.missing:
        raise GateError(f"Not yet. First: {' '.join(found.missing)}")
    raise GateError(f"The system comes first here: {' '.join(found.against)}")


def need_authority(found: Authority, policy: Policy, *, before: float, cost: float) -> None:
    """Raise CaseError where a remedy goes beyond this authority under this policy; `before` is what the case cost already."""
    if found.covers(Decimal(str(before + cost))):
        return
    able = [f"{level} up to {limit:,.0f}" for level, limit in policy.authority.items() if limit > 0]
    mine = f"You may give up to {found.limit:,.0f} here" if found else "You may give nothing here"
    spent = f", and {before:,.0f} of it is given" if before else ""
    raise CaseError(f"{mine}{spent}. Who may: {', '.join(able) or 'the owner of the policy'}. Ask for an exception.")


def given_under(events: Iterable[Event], rule: str) -> float:
    """What remedies under this rule cost already."""
    return sum(one.value or 0.0 for one in events if one.type == "remedy.given" and one.rule == rule)


def checked_title(title: str) -> str:
    """The title of a case. Raises CaseError where it says nothing."""
    said = " ".join(title.split())[:_MOST_TITLE]
    if not said:
        raise CaseError("Say in a few words what it is about.")
    return said


def words_of(text: str) -> list[str]:
    """The words of a text for search, in small letters: letters and digits, all else stands between them. Twenty at most."""
    return _WORD.findall(text.casefold())[:_MOST_WORDS]


def searched(*texts: str | None) -> str:
    """What a search looks through, for a case of which these are the texts."""
    said = " ".join(text for text in texts if text)
    return " ".join(_WORD.findall(said.casefold()))[:_MOST_SEARCHED]


def told_since(events: Iterable[Event], moment: datetime | None) -> bool:
    """Whether something was written or said to the customer at or after this moment."""
    return any(
        one.type == "message.sent" and one.audience == "customer" and (moment is None or one.time >= moment)
        for one in events
    )


@dataclass(frozen=True)
class Line:
    """A line of a case's timeline: the event, and on which sides of the curtain it stands."""

    event: Event
    customer: bool
    inside: bool


def timeline(events: Sequence[Event]) -> list[Line]:
    """What happened, in order; the customer's side beside ours. The two faces of one status are one line.

    What a customer said or was given is on their side, whatever its audience; all else is inside unless it says otherwise.
    """
    lines: list[Line] = []
    for event in events:
        seen = event.audience == "customer" or event.type in _FROM_CUSTOMER
        before = lines[-1] if lines else None
        if before and event.type == "status.changed" and _two_faces(before.event, event):
            lines[-1] = Line(before.event, True, True)
        else:
            lines.append(Line(event, seen, not seen))
    return lines


def _two_faces(one: Event, other: Event) -> bool:
    same = (one.type, one.subject, one.time, one.outcome) == (other.type, other.subject, other.time, other.outcome)
    return same and {one.audience, other.audience} == {"customer", "internal"}
