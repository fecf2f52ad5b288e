"""Reads of visits."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from aboveboard.desk.people import rules as people
from aboveboard.desk.procedures import models, rules


def visits(*, reach: people.Reach, subject: str | None = None) -> QuerySet[models.Visit]:
    """Visits within reach, the newest first; with `steps_count` and `answered_count`."""
    found = models.Visit.objects.select_related("user").annotate(
        steps_count=Count("steps"),
        answered_count=Count("steps", filter=~Q(steps__state__in=(rules.OPEN, rules.OFFERED))),
    )
    found = found if reach.everything else found.filter(team__in=reach.teams)
    found = found.filter(subject=subject) if subject else found
    return found.order_by("-began_at")


def visit(*, number: int, reach: people.Reach) -> models.Visit:
    """The visit with its steps. Raises StepError where there is none within reach."""
    found = models.Visit.objects.prefetch_related("steps").filter(pk=number).first()
    if found is None or not reach.holds(found.team):
        raise rules.StepError("There is no such visit, or it is another team's.")
    return found
