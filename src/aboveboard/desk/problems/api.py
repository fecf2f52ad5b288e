"""The API of problems: every act of their pages, from what breaks to the verdict."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from ninja import Header, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from aboveboard.desk.followups import queries as followups
from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.api import asking
from aboveboard.desk.people.pages import now
from aboveboard.desk.problems import actions, models, queries, rules

router = Router(tags=["problems"])
_LARGEST = 2**63 - 1
_MOST = 200
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
Number = Annotated[int, Field(ge=1, le=_LARGEST)]
After = Annotated[int, Field(ge=0, le=_LARGEST, description="The number of the last one of the page before.")]
Limit = Annotated[int, Field(ge=1, le=_MOST)]
Words = Annotated[str, Field(max_length=4_000)]
Short = Annotated[str, Field(max_length=200)]
Rule = Annotated[str, Field(max_length=400)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]


class YardstickOut(Schema):
    """By what changes are judged: `reduce by` a share of what would be expected, or `at most` a rate of the measure."""

    kind: str
    value: float
    measured_by: str
    measure: str
    window_weeks: int
    why: str
    written_at: datetime


class ChangeOut(Schema):
    """A change: planned while `made_from` is null. `judged` is the row of the table `fixes` of the last run that knew it."""

    number: int
    what: str
    team: str | None
    version: int | None
    planned_for: datetime | None
    made_from: datetime | None
    recorded_at: datetime | None
    event: str | None
    criterion: YardstickOut | None
    verdict: str
    judged: dict[str, Any]


class CauseOut(Schema):
    """A question in its order, with what the last run answers and what people found out."""

    place: int
    factor: str
    question: str
    answer: str
    evidence: str
    said: str | None
    said_evidence: str | None


class ProblemOut(Schema):
    """A problem as it stands; `silent` are those who kept silent and to whom nobody turned yet."""

    number: int
    problem: str
    title: str
    breaks: str
    whom: str
    workaround: str
    team: str | None
    state: str
    outcome: str
    reason: str
    owner: str | None
    finding: str | None
    measured_by: str
    affected: int
    silent: int
    made_at: datetime
    changed_at: datetime
    closed_at: datetime | None


class WholeProblemOut(ProblemOut):
    """A problem with its questions, criterion and changes."""

    causes: list[CauseOut]
    criterion: YardstickOut | None
    changes: list[ChangeOut]
    numbers: dict[str, Any]


class ProblemsOut(Schema):
    """A page of problems; `after` is what to ask for the next one with, null at the end."""

    items: list[ProblemOut]
    after: int | None


class StruckOut(Schema):
    """Somebody whom the problem struck; `voice` is the loudest that they said."""

    number: int
    who: str
    customer: str | None
    subject: str | None
    team: str | None
    since: datetime
    matters: int
    voice: str
    told_at: datetime | None
    case: str | None


class StruckPageOut(Schema):
    """A page of those whom the problem struck."""

    items: list[StruckOut]
    after: int | None


class HappenedOut(Schema):
    """Something that happened to a problem."""

    id: str
    type: str
    time: datetime
    recorded_at: datetime
    employee: str | None
    outcome: str | None
    text: str | None


class ProblemIn(Schema):
    """A new problem, by hand or of a `finding`.

    `measured_by` is a rule of the playbook; empty: the rule that the finding is about, else the problem itself.
    """

    title: Short
    breaks: Words
    whom: Words = ""
    team: Short = ""
    measured_by: Rule = ""
    finding: Annotated[str, Field(max_length=12)] = ""


class DescribeIn(Schema):
    """What breaks, for whom, and what helps until it is mended."""

    title: Short
    breaks: Words
    whom: Words = ""
    workaround: Words = ""


class ResponsibleIn(Schema):
    """Who is responsible: their key in the ledger, or null."""

    owner: Short | None


class CauseIn(Schema):
    """What was found out about a question, and what that rests on."""

    factor: Literal[*rules.FACTORS]  # type: ignore[valid-type]
    answer: Literal[*rules.ANSWERS]  # type: ignore[valid-type]
    evidence: Words


class YardstickIn(Schema):
    """By what the next change is judged. A share is between 0 and 1. `measured_by` empty: as before."""

    kind: Literal[*rules.KINDS]  # type: ignore[valid-type]
    value: float
    window_weeks: Annotated[int, Field(ge=1, le=104)]
    measured_by: Rule = ""
    why: Words = ""


class ChangeIn(Schema):
    """A change; `at` is from when it holds or is to hold (null: now), `team` where it is in force (empty: everywhere)."""

    what: Words
    at: datetime | None = None
    team: Short = ""
    version: Version | None = None


class WhyIn(Schema):
    """A reason."""

    reason: Words = ""


class MatterIn(Schema):
    """A subject of the ledger, such as `order:17`."""

    subject: Short


class ToldIn(Schema):
    """In which words the silent ones were told, and by which channel."""

    words: Words
    channel: Annotated[str, Field(max_length=40)] = ""


class TurnedOut(Schema):
    """To how many one turned, and how many silent ones are left."""

    turned_to: int
    left: int


@router.get("/problems", response=ProblemsOut, summary="Problems, by number")
def problems(request: HttpRequest, state: str = "", team: str = "", after: After = 0, limit: Limit = 50) -> ProblemsOut:
    """Problems within the key's reach, by cursor; `state` is a state, `open`, or empty for all."""
    person = asking(request, rules.READ)
    found = queries.listed(person=person, state=state.replace("\x00", ""), team=team.replace("\x00", ""))
    page = list(found.filter(pk__gt=after).order_by("pk")[: limit + 1])
    return ProblemsOut(
        items=[_told(one) for one in page[:limit]], after=page[limit - 1].pk if len(page) > limit else None
    )


@router.post("/problems", response={201: ProblemOut}, summary="Make a problem, by hand or of a finding")
def open_problem(
    request: HttpRequest,
    given: ProblemIn,
    idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)] = None,
) -> Status[ProblemOut]:
    """Make a problem. The same `Idempotency-Key` again, with the same content, gives the problem that it made."""
    person = asking(request, rules.WORK)
    content = json.dumps(given.model_dump(), sort_keys=True)
    key = hashlib.sha256(f"{person.id}:{idempotency_key}".encode()).hexdigest() if idempotency_key else None
    made = actions.open_problem(
        by=person, title=given.title, breaks=given.breaks, whom=given.whom, team=given.team, target=given.measured_by,
        finding=given.finding, read=queries.of_run(folder=settings.FOUND.folder, run=followups.last_run()), asked_as=key,
        asked_with=hashlib.sha256(content.encode()).hexdigest(), now=now(),
    )  # fmt: skip
    return Status(201, _one(person, made.pk))


@router.get("/problems/{number}", response=WholeProblemOut, summary="A problem")
def problem(request: HttpRequest, number: Number) -> WholeProblemOut:
    """A problem with what contributes to it, its criterion, its changes and their verdicts."""
    person = asking(request, rules.READ)
    found = _known(person, number)
    holds = queries.criterion(problem=found)
    causes = [
        CauseOut(
            place=one.place, factor=one.factor, question=one.question, answer=one.answer, evidence=one.evidence,
            said=one.said.answer if one.said else None, said_evidence=one.said.evidence if one.said else None,
        )
        for one in queries.questions(problem=found)
    ]  # fmt: skip
    return WholeProblemOut(
        **_told(found).model_dump(), causes=causes, criterion=_yardstick(holds, found) if holds else None,
        changes=[_change(one, found) for one in queries.changes(problem=found)], numbers=found.found,
    )  # fmt: skip


@router.get("/problems/{number}/history", response=list[HappenedOut], summary="What happened to a problem, in order")
def history(request: HttpRequest, number: Number) -> list[HappenedOut]:
    """The events of a problem, as they were recorded."""
    found = _known(asking(request, rules.READ), number)
    return [
        HappenedOut(
            id=one.event.id, type=one.event.type, time=one.event.time, recorded_at=one.recorded_at,
            employee=one.event.employee, outcome=one.event.outcome, text=one.event.text,
        )
        for one in queries.history(problem=found)
    ]  # fmt: skip


@router.get("/problems/{number}/struck", response=StruckPageOut, summary="Whom a problem struck, the silent ones too")
def struck(
    request: HttpRequest,
    number: Number,
    voice: Literal["", "complained", "asked", "silent"] = "",
    left: bool = False,
    after: After = 0,
    limit: Limit = 50,
) -> StruckPageOut:
    """Whom it struck, within the key's reach over cases; every look is on record. `left`: the silent ones nobody turned to yet."""
    person = asking(request, "cases.read")
    found = _known(person, number)
    people_actions.note_reading(by=person, what="affected", which=found.subject[:200], now=now())
    page = list(
        queries.struck(person=person, problem=found, voice=voice, left=left)
        .filter(pk__gt=after)
        .order_by("pk")[: limit + 1]
    )
    items = [
        StruckOut(
            number=one.pk, who=one.who, customer=one.customer or None, subject=one.subject or None, team=one.team or None,
            since=one.since, matters=one.matters, voice=one.voice, told_at=one.told_at, case=one.case or None,
        )
        for one in page[:limit]
    ]  # fmt: skip
    return StruckPageOut(items=items, after=page[limit - 1].pk if len(page) > limit else None)


@router.put("/problems/{number}", response=ProblemOut, summary="Say anew what breaks, and for whom")
def describe(request: HttpRequest, number: Number, given: DescribeIn) -> ProblemOut:
    """Describe it anew."""
    person = _worker(request, number)
    actions.describe(by=person, problem=number, now=now(), **given.model_dump())
    return _one(person, number)


@router.put("/problems/{number}/responsible", response=ProblemOut, summary="Say who is responsible")
def own(request: HttpRequest, number: Number, given: ResponsibleIn) -> ProblemOut:
    """Somebody who may work on it, or nobody."""
    person = _worker(request, number)
    able = {user.employee: user.pk for user in queries.owners(team=_known(person, number).team)}
    owner = None if given.owner is None else able.get(given.owner, 0)
    actions.own(by=person, problem=number, owner=owner, now=now())
    return _one(person, number)


@router.post("/problems/{number}/causes", response=WholeProblemOut, summary="Say what was found out about a question")
def answer(request: HttpRequest, number: Number, given: CauseIn) -> WholeProblemOut:
    """A later answer takes the place of an earlier one. The person comes last."""
    person = _worker(request, number)
    actions.answer(by=person, problem=number, now=now(), **given.model_dump())
    return problem(request, number)


@router.post(
    "/problems/{number}/criteria", response={201: YardstickOut}, summary="Write down by what a change is judged"
)
def set_criterion(request: HttpRequest, number: Number, given: YardstickIn) -> Status[YardstickOut]:
    """Written before a change; after one, another criterion needs `why` and holds for later changes alone."""
    person = _worker(request, number)
    found = _known(person, number)
    yardstick = rules.Yardstick(given.kind, given.value, given.measured_by or found.target, given.window_weeks)
    made = actions.set_criterion(by=person, problem=number, yardstick=yardstick, why=given.why, now=now())
    return Status(201, _yardstick(made, found))


@router.put("/problems/{number}/plan", response=ChangeOut, summary="Plan a change")
def plan(request: HttpRequest, number: Number, given: ChangeIn) -> ChangeOut:
    """A plan that was not carried out yet is replaced."""
    person = _worker(request, number)
    made = actions.plan(
        by=person,
        problem=number,
        what=given.what,
        planned_for=_aware(given.at),
        part=given.team,
        version=given.version,
        now=now(),
    )
    return _change(made, _known(person, number))


@router.post("/problems/{number}/changes", response={201: ChangeOut}, summary="Record a change that holds")
def make(request: HttpRequest, number: Number, given: ChangeIn) -> Status[ChangeOut]:
    """Refused while no criterion was written down before it."""
    person = _worker(request, number)
    made = actions.make(
        by=person,
        problem=number,
        what=given.what,
        made_from=_aware(given.at),
        part=given.team,
        version=given.version,
        now=now(),
    )
    return Status(201, _change(made, _known(person, number)))


@router.post("/problems/{number}/closure", response=ProblemOut, summary="Close a problem")
def close(request: HttpRequest, number: Number, given: WhyIn) -> ProblemOut:
    """Fixed where the verdict on its last change says so; otherwise it needs a reason."""
    person = _worker(request, number)
    actions.close(by=person, problem=number, reason=given.reason, now=now())
    return _one(person, number)


@router.post("/problems/{number}/reopening", response=ProblemOut, summary="Open a closed problem again")
def reopen(request: HttpRequest, number: Number, given: WhyIn) -> ProblemOut:
    """For a reason."""
    person = _worker(request, number)
    actions.reopen(by=person, problem=number, reason=given.reason, now=now())
    return _one(person, number)


@router.post("/problems/{number}/matters", response=ProblemOut, summary="Add something that belongs to a problem")
def add_matter(request: HttpRequest, number: Number, given: MatterIn) -> ProblemOut:
    """A subject of the ledger counts for the problem from then on."""
    person = _worker(request, number)
    actions.add_matter(by=person, problem=number, subject=given.subject, now=now())
    return _one(person, number)


@router.post("/problems/{number}/silent/told", response=TurnedOut, summary="Mark the silent ones as told")
def tell(request: HttpRequest, number: Number, given: ToldIn) -> TurnedOut:
    """Two hundred at most at once; ask again for the rest."""
    person = _worker(request, number)
    made = actions.tell(by=person, problem=number, words=given.words, channel=given.channel, now=now())
    return TurnedOut(turned_to=made, left=queries.voices(problem=_known(person, number))["left"])


@router.post("/problems/{number}/silent/cases", response=TurnedOut, summary="Open cases for the silent ones")
def open_cases(request: HttpRequest, number: Number) -> TurnedOut:
    """Two hundred at most at once; ask again for the rest."""
    person = _worker(request, number)
    made = actions.open_cases(by=person, problem=number, now=now())
    return TurnedOut(turned_to=made, left=queries.voices(problem=_known(person, number))["left"])


def _worker(request: HttpRequest, number: int) -> people.Person:
    person = asking(request, rules.WORK)
    _known(person, number)
    return person


def _known(person: people.Person, number: int) -> models.Problem:
    found = queries.counted(queries.seen(person=person)).filter(Q(pk=number)).first()
    if found is None:
        raise HttpError(404, "There is no such problem.")
    return found


def _aware(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise rules.ProblemError("Say the time with its zone, such as 2026-03-02T09:00:00Z.")
    if at is not None and not _FIRST_YEAR <= at.year < _LAST_YEAR:
        raise rules.ProblemError("That is too long ago, or too far ahead.")
    return at


def _one(person: people.Person, number: int) -> ProblemOut:
    return _told(_known(person, number))


def _told(one: Any) -> ProblemOut:
    kept = ("title", "breaks", "whom", "workaround", "state", "outcome", "reason", "affected", "silent", "made_at", "changed_at",
            "closed_at")  # fmt: skip
    return ProblemOut(
        number=one.pk, problem=one.key, team=one.team or None, owner=one.owner.employee if one.owner else None,
        finding=one.finding_id, measured_by=one.target, **{name: getattr(one, name) for name in kept},
    )  # fmt: skip


def _yardstick(one: models.Criterion, found: models.Problem) -> YardstickOut:
    return YardstickOut(
        kind=one.kind, value=one.value, measured_by=one.target, measure=rules.measured(one.target, found.found)[0],
        window_weeks=one.window_weeks, why=one.why, written_at=one.at,
    )  # fmt: skip


def _change(one: models.Change, found: models.Problem) -> ChangeOut:
    return ChangeOut(
        number=one.pk, what=one.what, team=one.part or None, version=one.version_id, planned_for=one.planned_for,
        made_from=one.made_from, recorded_at=one.recorded_at, event=one.event,
        criterion=_yardstick(one.criterion, found) if one.criterion else None, verdict=one.verdict, judged=one.judged,
    )  # fmt: skip
