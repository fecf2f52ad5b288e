"""Escalations by the API: open, take, pass on, decide, and the register."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, cast
from uuid import NAMESPACE_URL, uuid5

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from ninja.params.functions import Header, Query
from pydantic import Field

from aboveboard.desk.escalations import actions, models, queries, rules
from aboveboard.desk.people import actions as people_actions
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.api import asking
from aboveboard.desk.people.pages import now
from aboveboard.desk.playbook.rules import storable
from aboveboard.desk.policies.rules import MOST

router = Router(tags=["escalations"])
_AT_ONCE, _LARGEST = 100, 2**63 - 1
State = Literal["waiting", "granted", "partly", "denied"]


class EscalationIn(Schema):
    """To seek a decision higher up: a `policy` and the `amount` that it is to bend by, or a `level` of the playbook.

    The customer and team of a subject are what the journal has of it; what is given counts for a subject that is new.
    """

    subject: str = Field(max_length=200)
    asks: str = Field(max_length=2000)
    tried: str = Field(max_length=2000)
    policy: str = Field("", max_length=200)
    amount: Decimal | None = Field(None, ge=0, le=MOST, decimal_places=2)
    level: str = Field("", max_length=200)
    customer: str | None = Field(None, max_length=200)
    team: str | None = Field(None, max_length=200)
    channel: str | None = Field(None, max_length=200)


class EscalationOut(Schema):
    """An escalation; `level` is the one it needs now, `taken` whether somebody sees to it, `changes` what changes for the customer.

    `changed` is the type of the first event on record by which something did, null where none is.
    """

    number: int
    subject: str
    customer: str | None
    team: str | None
    policy: str
    amount: Decimal | None
    level: str
    asks: str
    tried: str
    opened_at: datetime
    taken: bool
    state: State
    ended_at: datetime | None
    decided_at_level: str
    granted: Decimal | None
    evidence: str
    reason: str
    changes: str
    changed: str | None
    changed_at: datetime | None


class EscalationDecision(Schema):
    """A decision: `changes` is what changes for the customer; `nothing` may stand in its place for a refusal alone."""

    outcome: Literal["granted", "partly", "denied"]
    reason: str = Field(max_length=2000)
    changes: str = Field("", max_length=2000)
    nothing: bool = False
    granted: Decimal | None = Field(None, ge=0, le=MOST, decimal_places=2)
    evidence: Literal["", "law", "safety", "impossible", "abuse"] = ""


class EscalationPassing(Schema):
    """A reason."""

    reason: str = Field(max_length=2000)


class EscalationFiguresOut(Schema):
    """A row of the register. `wait` is the median in minutes; `nothing` of the `judged` changed nothing for the customer."""

    part: Literal["all", "team", "policy"]
    value: str
    opened: int
    waiting: int
    granted: int
    partly: int
    denied: int
    wait: float | None
    judged: int
    nothing: int
    share: float | None
    low: float | None
    high: float | None


@router.post("/escalations", response={201: EscalationOut}, summary="Seek a decision higher up")
def escalate(
    request: HttpRequest,
    given: EscalationIn,
    idempotency_key: str = Header("", max_length=200, alias="Idempotency-Key"),
) -> Status[EscalationOut]:
    """It goes to the nearest person who holds the authority."""
    person = asking(request, rules.OPEN)
    storable(given.subject)
    matter = queries.known(matter=people.Matter(given.subject, given.customer, given.team, given.channel))
    key = uuid5(NAMESPACE_URL, f"escalation:{person.id}:{idempotency_key}") if idempotency_key else None
    made = actions.escalate(
        by=person, matter=matter, asks=given.asks, tried=given.tried, policy=given.policy, amount=given.amount, level=given.level,
        key=key, now=now(),
    )  # fmt: skip
    return Status(201, _out([made])[0])


@router.get("/escalations", response=list[EscalationOut], summary="Escalations, the newest first, a hundred at a time")
def escalations(
    request: HttpRequest,
    state: State | None = None,
    after: int | None = Query(None, ge=1, le=_LARGEST, description="The number of the last one of the page before."),
) -> list[EscalationOut]:
    """Those within the key's sight."""
    found = queries.within(person=asking(request, rules.READ), now=now()).order_by("-pk")
    found = found.filter(state=state) if state else found
    found = found.filter(pk__lt=after) if after else found
    return _out(list(found[:_AT_ONCE]))


@router.get("/escalations/waiting", response=list[EscalationOut], summary="What waits for one's own decision")
def waiting(request: HttpRequest) -> list[EscalationOut]:
    """Those sent to oneself first, then the oldest."""
    return _out([one.escalation for one in queries.waits_for(person=asking(request, rules.DECIDE), now=now())])


@router.get(
    "/escalations/register",
    response=list[EscalationFiguresOut],
    summary="What comes of escalations, by team and policy",
)
def register(request: HttpRequest, days: int = Query(90, ge=1, le=3650)) -> list[EscalationFiguresOut]:
    """Of those opened in the last `days`. Never by person."""
    found = queries.register(person=asking(request, rules.READ), since=timedelta(days=days), now=now())
    return [EscalationFiguresOut(**cast(Any, vars(one))) for one in found]


@router.get("/escalations/{int:number}", response=EscalationOut, summary="An escalation")
def one(request: HttpRequest, number: int) -> EscalationOut:
    """An escalation."""
    person = asking(request, rules.READ)
    found = _known(person, number)
    people_actions.note_reading(by=person, what="escalation", which=found.subject, now=now())
    return _out([found])[0]


@router.post("/escalations/{int:number}/taking", response=EscalationOut, summary="See to an escalation")
def take(request: HttpRequest, number: int) -> EscalationOut:
    """Whoever asked sees that one does."""
    person = asking(request, rules.DECIDE)
    _known(person, number)
    return _out([actions.take(by=person, escalation=number, now=now())])[0]


@router.post("/escalations/{int:number}/passing", response=EscalationOut, summary="Pass an escalation one level higher")
def pass_on(request: HttpRequest, number: int, given: EscalationPassing) -> EscalationOut:
    """It stays open, with the nearest who holds that level."""
    person = asking(request, rules.DECIDE)
    _known(person, number)
    return _out([actions.pass_on(by=person, escalation=number, reason=given.reason, now=now())])[0]


@router.post("/escalations/{int:number}/decision", response=EscalationOut, summary="Decide an escalation")
def decide(request: HttpRequest, number: int, given: EscalationDecision) -> EscalationOut:
    """Once, with what changes for the customer."""
    person = asking(request, rules.DECIDE)
    _known(person, number)
    return _out([actions.decide(by=person, escalation=number, now=now(), **given.dict())])[0]


@router.post("/escalations/{int:number}/seen", response={204: None}, summary="One has seen what was decided")
def seen(request: HttpRequest, number: int) -> Status[None]:
    """Note that one has seen what was decided on what one asked oneself."""
    person = asking(request, rules.OPEN)
    if number <= _LARGEST:
        actions.see(by=person, escalation=number, now=now())
    return Status(204, None)


def _known(person: people.Person, number: int) -> models.Escalation:
    found = queries.one(person=person, number=number, now=now())
    if found is None:
        raise HttpError(404, "There is nothing of this number within your sight.")
    return found


def _out(found: list[models.Escalation]) -> list[EscalationOut]:
    met = queries.changed(escalations=found)
    return [_one(one, met.get(one.pk)) for one in found]


def _one(one: models.Escalation, changed: rules.Row | None) -> EscalationOut:
    return EscalationOut(
        number=one.pk, subject=one.subject, customer=one.customer, team=one.team, policy=one.policy, amount=one.amount,
        level=one.level, asks=one.asks, tried=one.tried, opened_at=one.opened_at, taken=one.taken_by_id is not None,
        state=cast(Any, one.state), ended_at=one.ended_at, decided_at_level=one.used, granted=one.given, evidence=one.evidence,
        reason=one.reason, changes=one.changes, changed=changed.type if changed else None,
        changed_at=changed.time if changed else None,
    )  # fmt: skip
