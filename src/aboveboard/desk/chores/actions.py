"""Writes of chores. A claim is one UPDATE whose condition only one worker can meet; everything after it holds by that claim."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from aboveboard.desk.chores import models, queries, rules
from aboveboard.desk.people import rules as people

_LONGEST_ERROR = 2_000


def ask(
    *, by: people.Person | None, name: str, act: str, now: datetime, about: Mapping[str, Any] | None = None
) -> models.Chore:
    """Ask for something to be done as soon as a worker is free.

    Where the same was asked for and has not ended, that one is handed back. `by` is None from the terminal.
    """
    if by:
        people.need(by, act)
    wanted = dict(about or {})
    with transaction.atomic():
        for found in models.Chore.objects.select_for_update().filter(name=name, every_seconds=None, outcome=""):
            if found.about == wanted and found.stop_asked_at is None:
                return found
        return models.Chore.objects.create(
            name=name, act=act, about=wanted, asked_by_id=by.id if by else None, asked_at=now, due_at=now
        )


def keep_up(*, name: str, every: timedelta, first_at: datetime, act: str, now: datetime) -> None:
    """Have something done over and over, first at `first_at`. Where it is being done already, only its rhythm is set."""
    seconds = int(every.total_seconds())
    known = models.Chore.objects.filter(name=name, every_seconds__isnull=False)
    if known.exclude(every_seconds=seconds).update(every_seconds=seconds) or known.exists():
        return
    try:
        with transaction.atomic():
            models.Chore.objects.create(name=name, every_seconds=seconds, act=act, asked_at=now, due_at=first_at)
    except IntegrityError:
        return  # another worker, which began at the same moment, wrote the same row


def claim(*, names: Collection[str], now: datetime) -> models.Chore | None:
    """Take a chore of these names that is due, for `LEASE`; None where there is none to take.

    Between looking and taking another worker may have taken it: then the condition of the UPDATE no longer holds, it
    changes nothing, and the next one is tried. One that went down with its worker too often is given up.
    """
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    for found in queries.claimable(names=names, now=now)[:20]:
        mine = secrets.token_hex(16)
        taken = models.Chore.objects.filter(free, pk=found.pk, outcome="", due_at__lte=now).update(
            claim=mine,
            claimed_until=now + rules.LEASE,
            attempts=found.attempts + 1,
            started_at=now,
            says="",
            step=0,
            steps=0,
        )
        if not taken:
            continue
        found.refresh_from_db()
        if found.stop_asked_at:
            _end(found, now, outcome="stopped")
        elif found.attempts > rules.MOST_ATTEMPTS and found.every_seconds is None:
            _end(found, now, outcome="failed", error="The worker went down over this each time; its log may say why.")
        else:
            return found
    return None


def renew(*, chore: models.Chore, now: datetime, says: str, step: int, steps: int) -> None:
    """Give a sign of life and say how far it is.

    Raises LostError where the chore is another's by now, StoppedError where it is to stop.
    """
    held = _mine(chore).update(claimed_until=now + rules.LEASE, says=says[:200], step=max(step, 0), steps=max(steps, 0))
    if not held:
        raise rules.LostError("Another worker has this chore by now.")
    if _mine(chore).filter(stop_asked_at__isnull=False).exists():
        raise rules.StoppedError("Somebody asked for this to be stopped.")


def finish(*, chore: models.Chore, now: datetime, result: Mapping[str, Any]) -> None:
    """It is done. Call it in the transaction of what was done.

    Raises LostError where the chore is another's by now, which undoes that.
    """
    _end(chore, now, outcome="done", result=dict(result))


def fail(*, chore: models.Chore, now: datetime, error: str, mendable: bool) -> None:
    """It failed: try again later, or give it up where somebody has to mend something first (`mendable`). What recurs goes on."""
    told = error.strip()[:_LONGEST_ERROR] or "It failed, and did not say why."
    if chore.every_seconds is None and rules.given_up(attempts=chore.attempts, mendable=mendable):
        _end(chore, now, outcome="failed", error=told)
        return
    later = rules.again_at(attempts=chore.attempts, now=now)
    _kept(_mine(chore).update(claim="", claimed_until=None, due_at=later, last_error=told, says="", step=0, steps=0))


def stopped(*, chore: models.Chore, now: datetime) -> None:
    """It stopped because somebody asked for it."""
    _end(chore, now, outcome="stopped")


def put_back(*, chore: models.Chore) -> None:
    """Leave it to another worker as if it had not been begun: this one is going down in good order."""
    _mine(chore).update(claim="", claimed_until=None, attempts=max(chore.attempts - 1, 0), says="", step=0, steps=0)


def stop(*, by: people.Person, chore: int, now: datetime) -> None:
    """Ask for it to be stopped: at once where nobody is at it, else as soon as its worker hears of it."""
    found = queries.one(chore=chore)
    people.need(by, found.act)
    if found.every_seconds is not None:
        raise rules.ChoreError("This is done over and over, and cannot be stopped.")
    waiting = models.Chore.objects.filter(pk=chore, outcome="", claim="")
    if not waiting.update(stop_asked_at=now, ended_at=now, outcome="stopped"):
        models.Chore.objects.filter(pk=chore, outcome="", stop_asked_at=None).update(stop_asked_at=now)


def forget(*, before: datetime) -> int:
    """Clean up: chores that ended before then; how many those were."""
    return models.Chore.objects.filter(ended_at__lt=before).delete()[0]


def _mine(chore: models.Chore) -> Any:
    return models.Chore.objects.filter(pk=chore.pk, claim=chore.claim, outcome="")


def _kept(changed: int) -> None:
    if not changed:
        raise rules.LostError("Another worker has this chore by now.")


def _end(
    chore: models.Chore, now: datetime, *, outcome: str, error: str = "", result: Mapping[str, Any] | None = None
) -> None:
    if chore.every_seconds is not None:
        due = rules.next_due(due_at=chore.due_at, every=timedelta(seconds=chore.every_seconds), now=now)
        changed = _mine(chore).update(
            claim="", claimed_until=None, due_at=due, attempts=0, last_error=error, result=dict(result or {}),
            ended_at=None, says="", step=0, steps=0,
        )  # fmt: skip
    else:
        changed = _mine(chore).update(
            claim="", claimed_until=None, outcome=outcome, ended_at=now, last_error=error, result=dict(result or {})
        )
    _kept(changed)
