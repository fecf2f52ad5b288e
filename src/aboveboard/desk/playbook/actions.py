"""Writes of the playbook: a new version."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from aboveboard.desk.journal import actions as journal
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import models, rules
from aboveboard.ledger.event import Event
from aboveboard.playbook import reader


def publish(
    *, by: people.Person | None, text: str, why: str, effective_from: datetime, now: datetime
) -> models.Version:
    """Make a new version that holds from `effective_from`, which may not lie before now.

    Raises PlaybookError where the text is wrong, PlaybookVersionError where the reason or the time is.

    `by` is None from the terminal.
    """
    if by:
        people.need(by, "playbook.change")
    if not why.strip():
        raise rules.PlaybookVersionError("Say why: whoever reads this version later will ask.")
    if effective_from < now:
        raise rules.PlaybookVersionError(
            "A version cannot hold from a time that is over: promises were made under another one."
        )
    reader.read(text)
    with transaction.atomic():
        last = models.Version.objects.select_for_update().order_by("-number").first()
        made = models.Version.objects.create(
            number=last.number + 1 if last else 1,
            text=text,
            why=why.strip(),
            made_by_id=by.id if by else None,
            made_at=now,
            effective_from=effective_from,
        )
        about = {
            "number": made.number,
            "why": made.why,
            "effective_from": effective_from.isoformat(),
            "by": by.employee if by else "terminal",
        }
        done = Event(id=f"playbook-{made.number}", type="playbook.changed", time=now, source="desk", attributes=about)
        journal.record(events=[done], now=now)
    return made
