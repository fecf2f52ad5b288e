"""Visits by the API."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status

from aboveboard.desk.people import pages
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.api import asking
from aboveboard.desk.procedures import actions, models, queries, rules

router = Router(tags=["procedures"])
_ACT = "procedures.work"


class StepOut(Schema):
    """A step, what is known of it, and what can be done with it now."""

    name: str
    kind: str
    why: str | None
    state: str
    reason: str
    acts: list[str]


class VisitOut(Schema):
    """A visit and its steps; `ended_at` is null while it runs."""

    number: int
    subject: str
    procedure: str
    customer: str | None
    team: str | None
    began_at: datetime
    ended_at: datetime | None
    steps: list[StepOut]


class Begin(Schema):
    """A visit to begin. Without a `subject` it gets one of its own."""

    procedure: str
    subject: str = ""
    customer: str | None = None
    team: str | None = None
    channel: str | None = None


class Answer(Schema):
    """What is done with a step; `adapt` and `skip` need a reason."""

    step: str
    act: Literal["offer", "done", "decline", "adapt", "skip"]
    reason: str = ""


@router.post("/visits", response={201: VisitOut}, summary="Begin a visit")
def begin(request: HttpRequest, given: Begin) -> Status[VisitOut]:
    """Begin a visit."""
    person = asking(request, _ACT)
    matter = people.Matter(given.subject, given.customer, given.team, given.channel)
    return Status(201, _out(actions.begin(by=person, procedure=given.procedure, matter=matter, now=pages.now())))


@router.get("/visits/{int:number}", response=VisitOut, summary="A visit with its steps")
def visit(request: HttpRequest, number: int) -> VisitOut:
    """A visit."""
    return _out(queries.visit(number=number, reach=people.reach(asking(request, _ACT), _ACT)))


@router.post("/visits/{int:number}/answers", response=VisitOut, summary="Offer a step, or say what came of it")
def answer(request: HttpRequest, number: int, given: Answer) -> VisitOut:
    """Do something with a step."""
    person = asking(request, _ACT)
    doing = rules.Doing(given.act, given.reason)
    actions.answer(by=person, visit=number, step=given.step, doing=doing, now=pages.now())
    return _out(queries.visit(number=number, reach=people.reach(person, _ACT)))


@router.post("/visits/{int:number}/end", response=VisitOut, summary="End a visit")
def end(request: HttpRequest, number: int) -> VisitOut:
    """End a visit."""
    person = asking(request, _ACT)
    actions.end(by=person, visit=number, now=pages.now())
    return _out(queries.visit(number=number, reach=people.reach(person, _ACT)))


def _out(found: models.Visit) -> VisitOut:
    steps = [
        StepOut(
            name=one.name,
            kind=one.kind,
            why=one.why,
            state=one.state,
            reason=one.reason,
            acts=list(rules.acts(one.kind, one.state)),
        )
        for one in found.steps.all()
    ]
    return VisitOut(
        number=found.pk, subject=found.subject, procedure=found.procedure, customer=found.customer, team=found.team,
        began_at=found.began_at, ended_at=found.ended_at, steps=steps,
    )  # fmt: skip
