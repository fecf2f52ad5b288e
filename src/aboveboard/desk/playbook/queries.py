"""Reads of the playbook: the version in force, all others, what somebody is writing, and the prover's word on it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from aboveboard.desk.people.models import User
from aboveboard.desk.playbook import models, rules
from aboveboard.ledger.errors import AboveboardError
from aboveboard.playbook import reader
from aboveboard.playbook.model import Playbook

_ONE_AT_A_TIME = threading.Lock()
"""z3 keeps its terms in one place for the whole process."""
_UTC = ZoneInfo("UTC")
PATIENCE_SECONDS = 2.0
"""How long the prover may think while somebody waits for a page."""
_YEAR = timedelta(days=366)
# Nearly every page and request asks it. In SQL, since to word it anew each time takes longer than to ask it.
_IN_FORCE = "SELECT * FROM playbook_versions WHERE effective_from <= %s ORDER BY number DESC LIMIT 1"


@dataclass(frozen=True)
class Judged:
    """What the prover says of a change: conflicts that come and go, each as a sentence, and rules that become stricter or looser.

    `undecided`: there was no answer in time, to all or to a part. `refused` says why nothing can be proved of it.
    """

    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    turned: tuple[tuple[str, str], ...] = ()
    undecided: bool = False
    refused: str = ""


def in_force(*, now: datetime) -> models.Version | None:
    """The version that holds now; None before the first."""
    at = connection.ops.adapt_datetimefield_value(now)
    return next(iter(models.Version.objects.raw(_IN_FORCE, [at])), None)


def current(*, now: datetime) -> Playbook:
    """The playbook that holds now. Raises PlaybookVersionError before the first version."""
    found = in_force(now=now)
    if found is None:
        raise rules.PlaybookVersionError(
            "There is no playbook yet. Somebody who may change it has to bring one in first."
        )
    return _read(found.number, found.text)


def time_zone(*, now: datetime) -> ZoneInfo:
    """The time zone of the organisation's clocks; UTC before the first version."""
    found = in_force(now=now)
    return _zone(found.number, found.text) if found else _UTC


def versions() -> QuerySet[models.Version]:
    """Every version, the newest first."""
    return models.Version.objects.select_related("made_by").order_by("-number")


def latest() -> models.Version | None:
    """The last version that was made, whether it holds already or not; None before the first."""
    return versions().first()


def version(*, number: int) -> models.Version | None:
    """The version of this number."""
    return versions().filter(number=number).first()


def coming(*, now: datetime) -> list[models.Version]:
    """Versions that will hold from a later time, the next one first; those that another overtakes are left out."""
    later: list[models.Version] = []
    for one in versions().filter(effective_from__gt=now):
        # The newest comes first: an older one holds for a while only where its time comes before.
        if not later or one.effective_from < later[-1].effective_from:
            later.append(one)
    held = in_force(now=now)
    return [one for one in reversed(later) if held is None or one.number > held.number]


def overtaken(*, by: datetime, now: datetime) -> list[models.Version]:
    """Versions still to come that a new one, holding from `by`, would keep from ever holding."""
    return [one for one in coming(now=now) if one.effective_from >= by]


def draft(*, user: int) -> models.Draft | None:
    """What this account is writing; None where nothing."""
    return models.Draft.objects.filter(user_id=user).first()


def others_writing(*, user: int) -> list[User]:
    """Who else has a draft."""
    return [one.user for one in models.Draft.objects.exclude(user_id=user).select_related("user").order_by("kept_at")]


def begun(*, user: int) -> tuple[int, str]:
    """Where a change begins: this account's draft, else the last version, else a first page; (base, text)."""
    kept = draft(user=user)
    if kept is not None:
        return kept.base, kept.text
    last = latest()
    return (last.number, last.text) if last else (0, rules.BEGINNING)


def judged(*, old: str, new: str, today: date) -> Judged:
    """What the prover says of a change from one text to another, within `PATIENCE_SECONDS`.

    `today` begins the year whose opening hours are looked at. Where another question is being thought about for as long as
    that, or a text is no playbook, there is no answer.
    """
    before, after = rules.checked(old)[0], rules.checked(new)[0]
    if before is None or after is None:
        return Judged(refused="One of the two texts is not yet a playbook.")
    if not _ONE_AT_A_TIME.acquire(timeout=PATIENCE_SECONDS):
        return Judged(undecided=True)
    try:
        return _judged(before, after, today)
    finally:
        _ONE_AT_A_TIME.release()


def _judged(before: Playbook, after: Playbook, today: date) -> Judged:
    from aboveboard import prover

    dated = any(fact.calendar for book in (before, after) for fact in book.situation.values())
    limits = prover.Limits(query_seconds=PATIENCE_SECONDS / 2, seconds=PATIENCE_SECONDS)
    try:
        found = prover.compare(before, after, between=(today, today + _YEAR) if dated else None, limits=limits)
    except AboveboardError as error:
        return Judged(refused=str(error))
    turned = tuple((one.rule, one.how) for one in found.changes if one.how not in ("same", "unknown"))
    unknown = bool(found.unknown) or any(one.how == "unknown" for one in (*found.changes, found.whole))
    return Judged(tuple(one.says for one in found.came), tuple(one.says for one in found.went), turned, unknown)


@lru_cache(maxsize=8)
def _zone(number: int, text: str) -> ZoneInfo:
    book, _problems = rules.checked(text)
    return book.timezone if book else _UTC


@lru_cache(maxsize=8)
def _read(number: int, text: str) -> Playbook:
    """A version is never changed, so that reading it once is enough. `number` tells equal texts apart in messages."""
    return reader.read(text)
