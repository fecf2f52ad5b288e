"""Reads of thanks and reports."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import rules as people
from aboveboard.desk.recognition import models, rules


def colleagues(*, person: people.Person) -> QuerySet[people_models.User]:
    """Everybody else with an open account, by name."""
    return people_models.User.objects.filter(is_active=True).exclude(pk=person.id).order_by("name")


def received(*, person: people.Person) -> QuerySet[models.Thanks]:
    """The thanks this person got, the newest first."""
    return models.Thanks.objects.filter(to_id=person.id).select_related("by").order_by("-given_at")


def given(*, person: people.Person) -> QuerySet[models.Thanks]:
    """The thanks this person gave, the newest first."""
    return models.Thanks.objects.filter(by_id=person.id).select_related("to").order_by("-given_at")


def reports(*, person: people.Person) -> QuerySet[models.Report]:
    """The reports this person may see, those without an answer first, the longest waiting first."""
    found = models.Report.objects.select_related("concerns", "by", "answered_by")
    if not people.may(person, "conduct.read"):
        found = found.filter(by_id=person.id)
    return found.order_by(F("answered_at").desc(nulls_first=True), "made_at")


def report(*, number: int, person: people.Person) -> models.Report:
    """A report. Raises RecognitionError where there is none that this person may see."""
    found = models.Report.objects.select_related("concerns", "by").filter(pk=number).first()
    if found is None or not rules.sees(person, reported_by=found.by_id):
        raise rules.RecognitionError("There is no such report.")
    return found


def waiting_count(*, person: people.Person) -> int:
    """How many reports wait for an answer that this person has to give."""
    if not people.may(person, "conduct.answer"):
        return 0
    return models.Report.objects.filter(~Q(concerns_id=person.id), answered_at=None).count()
