"""Reads of the playbook: the version in force, and all others."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet

from aboveboard.desk.playbook import models, rules
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook


def in_force(*, now: datetime) -> models.Version | None:
    """The version that holds now; None before the first."""
    return models.Version.objects.filter(effective_from__lte=now).order_by("-number").first()


def current(*, now: datetime) -> Playbook:
    """The playbook that holds now. Raises PlaybookVersionError before the first version."""
    found = in_force(now=now)
    if found is None:
        raise rules.PlaybookVersionError(
            "There is no playbook yet. Somebody who may change it has to bring one in first."
        )
    return _read(found.number, found.text)


def versions() -> QuerySet[models.Version]:
    """Every version, the newest first."""
    return models.Version.objects.select_related("made_by").order_by("-number")


@lru_cache(maxsize=8)
def _read(number: int, text: str) -> Playbook:
    """A version is never changed, so that reading it once is enough. `number` tells equal texts apart in messages."""
    return reader.read(text)
