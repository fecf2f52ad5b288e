"""Timed work of cases: their clocks, where something happened to what they are about that nobody did at their pages."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from aboveboard.desk.cases import actions, models, rules
from aboveboard.desk.journal import queries as journal
from aboveboard.ledger import columns

_MOST = 20_000
_CASE, _SUBJECT = rules.SUBJECT, columns.NAMES.index("subject")


def follow(*, now: datetime, most: int = _MOST) -> int:
    """Read the next sealed events of the journal, `most` at most, and keep the clocks of open cases that they touch.

    How many events were read; 0 at the end. Below a seal nothing can appear any more, so that none is passed over.
    """
    with transaction.atomic():
        place, _ = models.Followed.objects.select_for_update().get_or_create(pk=1)
        placed = journal.batch(after=place.sequence, until=journal.sealed_until(), most=most)
        if not placed:
            return 0
        subjects = {str(row[_SUBJECT]) for _, row in placed if row[_SUBJECT]}
        numbers = [
            int(one[len(_CASE) :]) for one in subjects if one.startswith(_CASE) and one[len(_CASE) :].isdecimal()
        ]
        touched = models.Case.objects.filter(Q(number__in=numbers) | Q(about__in=subjects), closed_at=None)
        actions.keep_clocks(cases=touched, now=now)
        place.sequence = placed[-1][0]
        place.save()
    return len(placed)
