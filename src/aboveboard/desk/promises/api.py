"""Promises by REST: how each is kept, which run, alerts, the silent others, and when a promise is at risk."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from aboveboard.desk.people import pages
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.api import asking
from aboveboard.desk.promises import actions, models, queries

router = Router(tags=["promises"])
_ACT = "promises.read"
_MOST = 100


class KeptPromiseOut(Schema):
    """A promise, and how it was kept in the last 30 days: shares 0–1 with a 95 % interval, null where nothing fell due."""

    promise: str
    says: str | None
    owner: str | None
    objective: float | None
    running_count: int
    at_risk_count: int
    ended_count: int
    missed_count: int
    kept_share: float | None
    kept_share_low: float | None
    kept_share_high: float | None
    budget_burnt: float | None


class RunningPromiseOut(Schema):
    """A promise to one customer.

    `chance` is the share of `chance_count` earlier ones, unmet at this age, that were kept after all.
    """

    number: int
    promise: str
    event: str
    subject: str | None
    customer: str | None
    team: str | None
    started_at: datetime
    due_at: datetime | None
    met_at: datetime | None
    state: str
    chance: float | None
    chance_low: float | None
    chance_high: float | None
    chance_count: int | None


class RunningPromisesOut(Schema):
    """Promises to customers in the order of their making; `after` asks for the next ones, null at the end."""

    promises: list[RunningPromiseOut]
    after: int | None


class PromiseAlertOut(Schema):
    """That a promise came to be at risk, or broke."""

    number: int
    promise: str
    what: str
    subject: str | None
    team: str | None
    owner: str | None
    due_at: datetime
    raised_at: datetime


class PromiseRiskIn(Schema):
    """`below` a chance (0–1), `by_objective`, or neither: one half."""

    below: float | None = Field(None, gt=0, lt=1)
    by_objective: bool = False


@router.get("/promises", response=list[KeptPromiseOut], summary="Every promise, and how it is kept")
def register(request: HttpRequest) -> list[KeptPromiseOut]:
    """Of the teams within reach."""
    person = asking(request, _ACT)
    return [_kept(one) for one in queries.register(reach=people.reach(person, _ACT), now=pages.now())]


@router.get("/promises/running", response=RunningPromisesOut, summary="Promises to customers, by how they stand")
def running(
    request: HttpRequest,
    show: Literal["at risk", "running", "broken", "missed", "all"] = "running",
    promise: str = "",
    after: int = 0,
) -> RunningPromisesOut:
    """Those numbered above `after`."""
    person, at = asking(request, _ACT), pages.now()
    wanted = queries.clocks(reach=people.reach(person, _ACT), now=at, show=show, promise=promise)
    found = list(wanted.filter(pk__gt=max(0, min(after, 2**63 - 1))).order_by("pk")[: _MOST + 1])
    return RunningPromisesOut(
        promises=[_clock(one) for one in found[:_MOST]], after=found[_MOST - 1].pk if len(found) > _MOST else None
    )


@router.get(
    "/promises/{path:name}/silent",
    response=list[RunningPromiseOut],
    summary="Who is struck by a promise and has not said a word",
)
def silent(request: HttpRequest, name: str) -> list[RunningPromiseOut]:
    """At risk, or broken in the last day."""
    person = asking(request, _ACT)
    return [_clock(one) for one in queries.silent(promise=name, reach=people.reach(person, _ACT), now=pages.now())]


@router.put("/promises/{path:name}/risk", response={204: None}, summary="Choose when a promise is at risk")
def choose(request: HttpRequest, name: str, given: PromiseRiskIn) -> Status[None]:
    """Below a chance, below its objective, or below one half."""
    person = asking(request, "playbook.change")
    known = {one.name for one in queries.register(reach=people.Reach(True), now=pages.now())}
    if name not in known:
        raise HttpError(404, "There is no such promise.")
    actions.choose(by=person, promise=name, below=given.below, by_objective=given.by_objective, now=pages.now())
    return Status(204, None)


@router.get(
    "/promises/alerts",
    response=list[PromiseAlertOut],
    summary="Alerts that concern the key's maker and nobody has seen",
)
def alerts(request: HttpRequest) -> list[PromiseAlertOut]:
    """The most urgent first."""
    return [_alert(one) for one in queries.alerts(person=asking(request, _ACT))]


@router.post("/promises/alerts/{int:number}/seen", response={204: None}, summary="An alert was seen")
def seen(request: HttpRequest, number: int) -> Status[None]:
    """By the key's maker."""
    person = asking(request, _ACT)
    if number >= 2**63:
        raise HttpError(404, "There is no such alert.")
    actions.see(by=person, alert=number, now=pages.now())
    return Status(204, None)


def _kept(one: queries.Kept) -> KeptPromiseOut:
    said = one.promise
    return KeptPromiseOut(
        promise=one.name, says=said.says if said else None, owner=said.owner if said else None,
        objective=said.objective if said else None, running_count=one.running_count, at_risk_count=one.at_risk_count,
        ended_count=one.ended_count, missed_count=one.missed_count, kept_share=one.share, kept_share_low=one.low,
        kept_share_high=one.high, budget_burnt=one.burnt,
    )  # fmt: skip


def _clock(one: models.Clock) -> RunningPromiseOut:
    return RunningPromiseOut(
        number=one.pk, promise=one.promise, event=one.event, subject=one.subject, customer=one.customer, team=one.team,
        started_at=one.started_at, due_at=one.due_at, met_at=one.met_at, state=one.state, chance=one.chance_share,
        chance_low=one.chance_low, chance_high=one.chance_high, chance_count=one.chance_count,
    )  # fmt: skip


def _alert(one: models.Alert) -> PromiseAlertOut:
    return PromiseAlertOut(
        number=one.pk, promise=one.promise, what=one.what, subject=one.subject, team=one.team, owner=one.owner,
        due_at=one.due_at, raised_at=one.raised_at,
    )  # fmt: skip
