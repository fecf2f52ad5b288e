"""The routes of followups: the findings, their history, and what people may make of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError

from aboveboard.desk.chores import actions as chores
from aboveboard.desk.chores import api as chores_api
from aboveboard.desk.followups import actions, models, queries
from aboveboard.desk.people import api, pages
from aboveboard.desk.people import rules as people

router = Router(tags=["findings"])
_MOST = 200


class FindingOut(Schema):
    """A finding with its life. `found`: whether the last analysis found it. `owner` is the key of whoever works on it."""

    id: str
    kind: str
    about: dict[str, Any]
    sentence: str
    action: str
    answers: str
    team: str | None
    state: str
    found: bool
    owner: str | None
    weight: float
    evidence: dict[str, Any]
    events: list[str]
    table: str
    where: dict[str, Any]


class FindingsOut(Schema):
    """A page of findings; `after` is what to ask for the next one with, null at the end."""

    items: list[FindingOut]
    after: str | None


class EntryOut(Schema):
    """Something that happened to a finding: found, came back, found again, gone, moved, owner or comment."""

    at: datetime
    what: str
    by: str | None
    run: int | None
    state: str
    owner: str | None
    says: str


class MoveIn(Schema):
    """What becomes of a finding, and why."""

    to: str
    says: str = ""


class OwnerIn(Schema):
    """Whose a finding is: the number of an account, or null."""

    owner: int | None


class CommentIn(Schema):
    """A word about a finding."""

    says: str


class RunOut(Schema):
    """A run of the analyses."""

    id: int
    as_of: datetime
    ended_at: datetime
    playbook: int
    events_count: int
    found_count: int
    new_count: int
    back_count: int
    gone_count: int


@router.get("/findings", response=FindingsOut, summary="Findings, those that let most customers down first")
def listed(
    request: HttpRequest,
    state: str = "",
    family: str = "",
    found: bool | None = True,
    after: str = "",
    limit: Annotated[int, Field(ge=1, le=_MOST)] = 50,
) -> FindingsOut:
    """Findings within the key's reach, by cursor."""
    person = api.asking(request, "findings.read")
    every = queries.listed(person=person, states=[state] if state else (), family=family, found=found)
    page = list(queries.after(found=every, finding=after)[: limit + 1])
    more = page[limit - 1].pk if len(page) > limit else None
    return FindingsOut(items=[_told(one) for one in page[:limit]], after=more)


@router.get("/findings/{finding}", response=FindingOut, summary="A finding")
def one(request: HttpRequest, finding: str) -> FindingOut:
    """A finding within the key's reach."""
    return _told(_found(api.asking(request, "findings.read"), finding))


@router.get("/findings/{finding}/history", response=list[EntryOut], summary="What happened to a finding, in order")
def history(request: HttpRequest, finding: str) -> list[EntryOut]:
    """The life of a finding."""
    found = _found(api.asking(request, "findings.read"), finding)
    return [
        EntryOut(
            at=entry.at,
            what=entry.what,
            by=entry.by.employee if entry.by else None,
            run=entry.run_id,
            state=entry.state,
            owner=entry.owner.employee if entry.owner else None,
            says=entry.says,
        )
        for entry in queries.history(followup=found)
    ]


@router.post("/findings/{finding}/moves", response=FindingOut, summary="Accept, begin, verify or refuse a finding")
def move(request: HttpRequest, finding: str, given: MoveIn) -> FindingOut:
    """What becomes of it: accepted, in-work, verified, refused, or new again. Some need `says`."""
    person = api.asking(request, "findings.work")
    _found(person, finding)
    actions.move(by=person, finding=finding, to=given.to, says=given.says, now=pages.now())
    return _told(_found(person, finding))


@router.put("/findings/{finding}/owner", response=FindingOut, summary="Give a finding an owner")
def own(request: HttpRequest, finding: str, given: OwnerIn) -> FindingOut:
    """Whose it is."""
    person = api.asking(request, "findings.work")
    _found(person, finding)
    actions.own(by=person, finding=finding, owner=given.owner, now=pages.now())
    return _told(_found(person, finding))


@router.post("/findings/{finding}/comments", response={204: None}, summary="Say something about a finding")
def comment(request: HttpRequest, finding: str, given: CommentIn) -> Status[None]:
    """A comment, which stays."""
    person = api.asking(request, "findings.read")
    _found(person, finding)
    actions.comment(by=person, finding=finding, says=given.says, now=pages.now())
    return Status(204, None)


@router.get("/runs", response=list[RunOut], summary="The last hundred runs of the analyses")
def runs(request: HttpRequest) -> list[RunOut]:
    """Runs, the newest first."""
    api.asking(request, "findings.read")
    return [RunOut(**{name: getattr(run, name) for name in RunOut.model_fields}) for run in queries.runs()[:100]]


@router.post("/runs", response={202: chores_api.ChoreOut}, summary="Have the analyses run now")
def run(request: HttpRequest) -> Status[chores_api.ChoreOut]:
    """Ask for a run; `/chores/{id}` says how far it is. Where one waits or runs already, that one is told."""
    person = api.asking(request, "findings.work")
    asked = chores.ask(by=person, name="analyse", act="findings.work", now=pages.now())
    return Status(202, chores_api.told(asked))


def _found(person: people.Person, finding: str) -> models.Followup:
    found = queries.one(person=person, finding=finding)
    if found is None:
        raise HttpError(404, "There is no such finding.")
    return found


def _told(one: models.Followup) -> FindingOut:
    return FindingOut(
        id=one.pk,
        kind=one.kind,
        about=one.about,
        sentence=one.sentence,
        action=one.action,
        answers=one.answers,
        team=one.team or None,
        state=one.state,
        found=one.found,
        owner=one.owner.employee if one.owner else None,
        weight=one.weight,
        evidence=one.evidence,
        events=one.events,
        table=one.table,
        where=one.where,
    )
