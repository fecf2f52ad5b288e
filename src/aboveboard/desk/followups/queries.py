"""Reads of followups: what was found, how it stands, and what happened to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from aboveboard.desk.followups import models, rules
from aboveboard.desk.journal import queries as journal
from aboveboard.desk.people import queries as people_queries
from aboveboard.desk.people import rules as people
from aboveboard.findings.model import Evidence

_URGENCY = Case(
    *(When(state=state, then=Value(n)) for n, state in enumerate(rules.STATES)), output_field=IntegerField()
)
ORDERS: Mapping[str, tuple[Any, ...]] = {
    "weight": (F("weight").desc(), "finding"),
    "state": (_URGENCY, F("weight").desc(), "finding"),
    "newest": (F("first_run").desc(), F("weight").desc(), "finding"),
    "kind": ("kind", F("weight").desc(), "finding"),
}


def seen(*, person: people.Person) -> QuerySet[models.Followup]:
    """The findings that this person may see."""
    reach = people.reach(person, "findings.read")
    found = models.Followup.objects.select_related("owner")
    if reach.everything:
        return found
    return found.filter(Q(team="") | Q(team__in=reach.teams)) if reach else found.none()


def listed(
    *,
    person: people.Person,
    states: Sequence[str] = (),
    family: str = "",
    owner: int | None = None,
    found: bool | None = True,
    words: str = "",
    order: str = "weight",
) -> QuerySet[models.Followup]:
    """Findings that this person may see, filtered. `found`: those that the last run found, those it did not, or both (None)."""
    kept = seen(person=person)
    kept = kept.filter(state__in=states) if states else kept
    kept = kept.filter(family=family) if family else kept
    kept = kept.filter(owner_id=owner) if owner is not None else kept
    kept = kept.filter(found=found) if found is not None else kept
    for word in words.split():
        kept = kept.filter(Q(sentence__icontains=word) | Q(kind__icontains=word) | Q(answers__icontains=word))
    return kept.order_by(*ORDERS.get(order, ORDERS["weight"]))


def after(*, found: QuerySet[models.Followup], finding: str) -> QuerySet[models.Followup]:
    """Of findings by weight, those that come after this one; all of them where it is none."""
    last = models.Followup.objects.filter(pk=finding).values_list("weight", flat=True).first()
    if last is None:
        return found
    return found.filter(Q(weight__lt=last) | Q(weight=last, finding__gt=finding))


def one(*, person: people.Person, finding: str) -> models.Followup | None:
    """The finding; None where there is none, or not for this person."""
    return seen(person=person).select_related("first_run", "last_run").filter(pk=finding).first()


def counts(*, person: people.Person) -> Mapping[str, int]:
    """How many findings that the last run found are in each state, of those this person may see."""
    rows = seen(person=person).filter(found=True).order_by().values("state").annotate(number=Count("pk"))
    held = {row["state"]: row["number"] for row in rows}
    return {state: held.get(state, 0) for state in rules.STATES}


def families(*, person: people.Person) -> list[str]:
    """The families of findings there are."""
    return list(seen(person=person).order_by("family").values_list("family", flat=True).distinct())


def evidence(*, followup: models.Followup) -> Evidence:
    """The number behind its sentence."""
    return Evidence(**followup.evidence)


def history(*, followup: models.Followup) -> QuerySet[models.Entry]:
    """What happened to it, in order."""
    return followup.entries.select_related("by", "owner", "run")


def owners() -> list[tuple[int, str]]:
    """Who can own a finding: those who may work on them."""
    return [(user.pk, str(user)) for user in people_queries.holding(act="findings.work")]


def runs() -> QuerySet[models.Run]:
    """Every run, the newest first."""
    return models.Run.objects.order_by("-pk")


def last_run() -> models.Run | None:
    """The newest run; None before the first."""
    return runs().first()


def happened(*, person: people.Person, followup: models.Followup) -> list[journal.Happened]:
    """The events behind it that lie within this person's reach, in the order of their time."""
    reach = people.reach(person, "findings.read")
    found = journal.named(events=followup.events)
    return [one for one in found if rules.sees(reach, one.event.team)]
