"""The API of cases: create, list, read, and every act of the case page. An act on a person is no program's business."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Header, Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from aboveboard.desk.cases import actions, models, queries, rules
from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.api import asking
from aboveboard.desk.people.pages import now

router = Router(tags=["cases"])
Words = Annotated[str, Field(max_length=20_000)]
Short = Annotated[str, Field(max_length=200)]
Number = Annotated[int, Field(ge=1, lt=2**63)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


class CaseOut(Schema):
    """A case as it stands."""

    number: int
    subject: str
    title: str
    topic: str
    kind: str
    customer: str | None
    about: str | None
    team: str | None
    channel: str | None
    state: str
    severity: int | None
    assigned_to: str | None
    version: int
    opened_at: datetime
    changed_at: datetime
    due_at: datetime | None
    at_risk_at: datetime | None
    decision: str
    decision_reason: str
    recourse: str
    decided_at: datetime | None
    told_at: datetime | None
    cause: str
    closed_at: datetime | None
    steps: list[str]


class CasesOut(Schema):
    """A page of cases; `next` is the `after` of the following page, null on the last."""

    cases: list[CaseOut]
    next: str | None


class EventOut(Schema):
    """Something that happened to a case."""

    id: str
    type: str
    time: datetime
    side: Literal["customer", "inside", "both"]
    employee: str | None
    outcome: str | None
    value: float | None
    text: str | None


class CaseClockOut(Schema):
    """A promise that this case started, and what became of it."""

    promise: str
    says: str
    made_at: datetime
    due_at: datetime | None
    met_at: datetime | None
    state: str | None


class WholeCaseOut(CaseOut):
    """A case with its timeline and its clocks."""

    events: list[EventOut]
    clocks: list[CaseClockOut]


class OpenIn(Schema):
    """A new case."""

    title: Short
    kind: Literal["complaint", "request"] = "complaint"
    words: Words = ""
    customer: Short | None = None
    about: Short | None = None
    team: Short | None = None
    channel: Annotated[str, Field(max_length=40)] | None = None
    topic: Annotated[str, Field(max_length=100)] = ""


class ManyIn(Schema):
    """New cases."""

    cases: Annotated[list[OpenIn], Field(min_length=1, max_length=500)]


class OpenedOut(Schema):
    """The new cases, in the order in which they were given."""

    cases: list[CaseOut]


class ListIn(Schema):
    """What is asked for."""

    state: Literal["open", "all", *rules.STATES] = "open"  # type: ignore[valid-type]
    team: Short = ""
    who: Literal["", "me", "nobody"] = ""
    channel: Short = ""
    risk: bool = False
    words: Short = ""
    order: Literal["due", "newest", "oldest", "changed"] = "due"
    after: Annotated[str, Field(max_length=100)] = ""


class StepIn(Schema):
    """A step of a case's life. Which fields it needs, the step says; `version` is the one that was seen, or null."""

    version: int | None = None
    text: Words = ""
    severity: int = 0
    decision: Words = ""
    reason: Words = ""
    recourse: Words = ""
    words: Words = ""
    channel: Annotated[str, Field(max_length=40)] | None = None
    cause: Short = ""
    note: Words = ""


class AssignIn(Schema):
    """To whom, by their key in the ledger; null for nobody."""

    to: Short | None = None
    version: int | None = None


class HandIn(Schema):
    """To which team, with what they need to know."""

    team: Short
    why: Words
    version: int | None = None


class RemedyIn(Schema):
    """Something to put it right."""

    kind: Literal[*rules.REMEDIES]  # type: ignore[valid-type]
    cost: Annotated[float, Field(ge=0, le=1e12)] = 0.0
    policy: Short | None = None
    note: Words = ""


class AnswerIn(Schema):
    """An answer to a question about the system."""

    question: Literal[*rules.QUESTIONS]  # type: ignore[valid-type]
    answer: Literal[*rules.ANSWERS]  # type: ignore[valid-type]
    evidence: Words


@router.post("/cases", response={201: CaseOut}, summary="Open a case")
def open_case(request: HttpRequest, given: OpenIn, idempotency_key: Key = None) -> Status[CaseOut]:
    """Open a case. The same `Idempotency-Key` again, with the same content, gives the case that it made."""
    made = _opened(request, [given], idempotency_key)
    return Status(201, _told(made[0]))


@router.post("/cases/bulk", response={201: OpenedOut}, summary="Open many cases")
def open_cases(request: HttpRequest, given: ManyIn, idempotency_key: Key = None) -> Status[OpenedOut]:
    """Open up to 500 cases, all or none, in their order: what another desk hands over, or a night's web forms.

    The same `Idempotency-Key` again, with the same content, gives the cases that it made.
    """
    made = _opened(request, given.cases, idempotency_key)
    return Status(201, OpenedOut(cases=[_told(one) for one in made]))


def _opened(request: HttpRequest, given: Sequence[OpenIn], key: str | None) -> list[models.Case]:
    person = asking(request, "cases.work")
    said = [one.model_dump() for one in given]
    openings = [rules.Opening(**one) for one in said]
    if key:
        content = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        first = hashlib.sha256(f"{person.id}:{key}".encode()).hexdigest()
        # The number stands outside the hash, where no key that a program chooses can end in it.
        openings = [
            replace(one, asked_as=f"{first}:{n}" if n else first, asked_with=content) for n, one in enumerate(openings)
        ]
    return actions.open_cases(by=person, openings=openings, now=now())


@router.get("/cases", response=CasesOut, summary="List cases")
def list_cases(request: HttpRequest, given: Query[ListIn]) -> CasesOut:
    """Cases within reach, fifty at a time; `next` of one page is `after` of the following."""
    person = asking(request, "cases.read")
    found = queries.page(person=person, asked=queries.Asked(**given.model_dump()), now=now())
    return CasesOut(cases=[_told(one) for one in found.cases], next=found.next or None)


@router.get("/cases/{number}", response=WholeCaseOut, summary="Read a case")
def read_case(request: HttpRequest, number: Number) -> WholeCaseOut:
    """A case with its timeline on both sides of the curtain, and the clocks of its promises."""
    person = asking(request, "cases.read")
    case, at = _found(person, number), now()
    people_actions.note_reading(by=person, what="case", which=case.subject, now=at)
    events = queries.happened(case=case)
    lines = [
        EventOut(
            id=one.event.id, type=one.event.type, time=one.event.time, employee=one.event.employee, text=one.event.text,
            outcome=one.event.outcome, value=one.event.value,
            side="both" if one.customer and one.inside else "customer" if one.customer else "inside",
        )
        for one in rules.timeline(events)
    ]  # fmt: skip
    clocks = [
        CaseClockOut(promise=one.promise, says=one.says, made_at=one.made_at, due_at=one.due_at, met_at=one.met_at, state=one.state)
        for one in queries.clocks(events=events, now=at)
    ]  # fmt: skip
    return WholeCaseOut(**_told(case).model_dump(), events=lines, clocks=clocks)


@router.post("/cases/{number}/steps/{step}", response=CaseOut, summary="Take a step of a case's life")
def take_step(
    request: HttpRequest,
    number: Number,
    step: Literal[*rules.STEPS],  # type: ignore[valid-type]
    given: StepIn,
) -> CaseOut:
    """acknowledge, work (text) · assess (severity, text) · decide (decision, reason, recourse) · tell (words, channel, and reason
    where the record shows otherwise; without words, by a message sent since the decision) · close (cause, note) ·
    appeal (words) · reopen (reason).
    """
    person = asking(request, "cases.work")
    _found(person, number, "cases.work")
    about: dict[str, Any] = {"by": person, "case": number, "version": given.version, "now": now()}
    made: models.Case
    if step == "decide":
        made = actions.decide(**about, decision=given.decision, reason=given.reason, recourse=given.recourse)
    elif step == "tell":
        made = actions.tell(**about, words=given.words, channel=given.channel, reason=given.reason)
    elif step == "close":
        made = actions.close(**about, cause=given.cause, note=given.note)
    elif step == "appeal":
        made = actions.appeal(**about, words=given.words)
    elif step == "reopen":
        made = actions.reopen(**about, reason=given.reason)
    else:
        made = actions.take_step(**about, step=step, text=given.text, severity=given.severity)
    return _told(made)


@router.post("/cases/{number}/assign", response=CaseOut, summary="Give a case to somebody")
def assign(request: HttpRequest, number: Number, given: AssignIn) -> CaseOut:
    """Give it to an employee who may work on it, or to nobody."""
    person = asking(request, "cases.work")
    case = _found(person, number, "cases.work")
    to = None
    if given.to is not None:
        to = next((user.pk for user in queries.colleagues(team=case.team) if user.employee == given.to), 0)
    return _told(actions.assign(by=person, case=number, to=to, version=given.version, now=now()))


@router.post("/cases/{number}/hand", response=CaseOut, summary="Hand a case to another team")
def hand_over(request: HttpRequest, number: Number, given: HandIn) -> CaseOut:
    """Hand it over, with what the other team needs to know."""
    person = asking(request, "cases.work")
    _found(person, number, "cases.work")
    return _told(
        actions.hand_over(by=person, case=number, team=given.team, why=given.why, version=given.version, now=now())
    )


@router.post("/cases/{number}/remedies", response={201: CaseOut}, summary="Give the customer something to put it right")
def give_remedy(request: HttpRequest, number: Number, given: RemedyIn) -> Status[CaseOut]:
    """Give a remedy, within one's authority under a policy where it costs something."""
    person = asking(request, "cases.work")
    _found(person, number, "cases.work")
    return Status(201, _told(actions.give_remedy(by=person, case=number, now=now(), **given.model_dump())))


@router.post("/cases/{number}/answers", response={204: None}, summary="Answer a question about the system")
def answer_question(request: HttpRequest, number: Number, given: AnswerIn) -> Status[None]:
    """Answer it, with what the answer rests on; a later answer takes its place."""
    person = asking(request, "cases.work")
    _found(person, number, "cases.work")
    actions.answer_question(by=person, case=number, now=now(), **given.model_dump())
    return Status(204, None)


def _found(person: people.Person, number: int, act: str = "cases.read") -> models.Case:
    found = queries.case(person=person, number=number, act=act)
    if found is None:
        raise HttpError(404, "There is no such case.")
    return found


def _told(case: models.Case) -> CaseOut:
    kept = (
        "number", "subject", "title", "topic", "kind", "customer", "about", "team", "channel", "state", "severity", "version",
        "opened_at", "changed_at", "decision", "decision_reason", "recourse", "decided_at", "told_at", "cause", "closed_at",
    )  # fmt: skip
    return CaseOut(
        **{name: getattr(case, name) for name in kept},
        assigned_to=case.assigned_to.employee if case.assigned_to else None,
        due_at=case.due,
        at_risk_at=case.risk_at if case.due else None,
        steps=rules.steps(case.state),
    )
