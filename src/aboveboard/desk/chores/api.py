"""The routes of chores: how far one is, and stopping it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import HttpError

from aboveboard.desk.chores import actions, models, queries, rules
from aboveboard.desk.people import pages
from aboveboard.desk.people import rules as people

router = Router(tags=["chores"])


class ChoreOut(Schema):
    """Work that was asked for: `state` is waiting, working, done, failed or stopped; `says`, `step` and `steps` how far it is."""

    id: int
    name: str
    state: str
    says: str
    step: int
    steps: int
    asked_at: datetime
    ended_at: datetime | None
    last_error: str
    result: dict[str, Any]


def told(chore: models.Chore) -> ChoreOut:
    """The chore as the API tells it."""
    return ChoreOut(
        id=chore.pk,
        name=chore.name,
        state=chore.state,
        says=chore.says,
        step=chore.step,
        steps=chore.steps,
        asked_at=chore.asked_at,
        ended_at=chore.ended_at,
        last_error=chore.last_error,
        result=chore.result,
    )


def _found(request: HttpRequest, chore: int) -> models.Chore:
    try:
        found = queries.one(chore=chore)
    except rules.ChoreError as error:
        raise HttpError(404, str(error)) from error
    people.need(request.auth, found.act)  # type: ignore[attr-defined]
    return found


@router.get("/chores/{chore}", response=ChoreOut, summary="How far some work is")
def one(request: HttpRequest, chore: int) -> ChoreOut:
    """The state of work that was asked for."""
    return told(_found(request, chore))


@router.post("/chores/{chore}/stop", response=ChoreOut, summary="Stop some work")
def stop(request: HttpRequest, chore: int) -> ChoreOut:
    """Ask for it to be stopped; its state says when it is."""
    found = _found(request, chore)
    actions.stop(by=request.auth, chore=found.pk, now=pages.now())  # type: ignore[attr-defined]
    return told(queries.one(chore=chore))
