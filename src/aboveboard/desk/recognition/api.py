"""Thanks by the API. Reports of conduct are made and read by people alone: no program has a need of them."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema, Status

from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import pages
from aboveboard.desk.people.api import asking
from aboveboard.desk.recognition import actions, rules

router = Router(tags=["recognition"])


class Thank(Schema):
    """Thanks to the employee with this key."""

    employee: str
    text: str


class ThanksOut(Schema):
    """Thanks as they were recorded."""

    number: int
    given_at: datetime


@router.post("/thanks", response={201: ThanksOut}, summary="Thank a colleague")
def thank(request: HttpRequest, given: Thank) -> Status[ThanksOut]:
    """Thank a colleague."""
    person = asking(request, "recognition.give")
    found = (
        people_models.User.objects.filter(employee=given.employee, is_active=True).values_list("pk", flat=True).first()
    )
    if found is None:
        raise rules.RecognitionError("There is no such colleague.")
    made = actions.thank(by=person, to=found, text=given.text, now=pages.now())
    return Status(201, ThanksOut(number=made.pk, given_at=made.given_at))
