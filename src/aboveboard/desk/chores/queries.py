"""Reads of chores: which are due, how one stands, and what went wrong."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from aboveboard.desk.chores import models, rules


def claimable(*, names: Collection[str], now: datetime) -> QuerySet[models.Chore]:
    """Chores of these names that are due and nobody's, or whose worker was not heard of for too long; the longest due first."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return models.Chore.objects.filter(free, name__in=names, outcome="", due_at__lte=now).order_by("due_at", "pk")


def one(*, chore: int) -> models.Chore:
    """The chore. Raises ChoreError where there is none."""
    found = models.Chore.objects.select_related("asked_by").filter(pk=chore).first()
    if found is None:
        raise rules.ChoreError("There is no such work.")
    return found


def under_way(*, name: str) -> models.Chore | None:
    """The one of this name that was asked for and has not ended; None where there is none."""
    return models.Chore.objects.filter(name=name, every_seconds=None, outcome="").order_by("pk").first()


def latest(*, name: str) -> models.Chore | None:
    """The last one of this name that was asked for, ended or not."""
    return models.Chore.objects.filter(name=name, every_seconds=None).order_by("-pk").first()


def failing() -> QuerySet[models.Chore]:
    """What recurs, and failed the last time."""
    return models.Chore.objects.filter(every_seconds__isnull=False).exclude(last_error="").order_by("name")


def waiting_longest(*, now: datetime) -> datetime | None:
    """Since when the chore is due that has been due the longest and that nobody is at; None where there is none."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    found = models.Chore.objects.filter(free, outcome="", due_at__lte=now).order_by("due_at").first()
    return found.due_at if found else None
