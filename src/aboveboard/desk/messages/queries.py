"""Reads of messages: what a draft says and what the record shows of it, reply templates, and what was promised by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F, Q, QuerySet

from aboveboard.analyses.claims import drafts
from aboveboard.desk.escalations import rules as escalations
from aboveboard.desk.journal import queries as journal
from aboveboard.desk.messages import models, rules
from aboveboard.desk.people import rules as people
from aboveboard.desk.playbook import queries as playbooks
from aboveboard.desk.playbook.rules import PlaybookVersionError
from aboveboard.playbook.model import Playbook
from aboveboard.wording import Linter, Remark, rulebook
from aboveboard.wording.model import Audience

_NO_PLAYBOOK = Playbook()
_OVERLAP = 10_000
"""Events that are looked at again: on PostgreSQL a lower sequence may show later than a higher one."""
_MOST_OF_RECORD = 500
_linters: dict[int, tuple[Playbook, Linter]] = {}
_seen: dict[str, tuple[int, frozenset[str]]] = {}


@dataclass(frozen=True)
class Witness:
    """An event that shows something of a claim: what happened, and when."""

    type: str
    time: datetime


@dataclass(frozen=True)
class Against:
    """A claim that the record speaks against, or has nothing of, with the events that speak against it."""

    shown: drafts.Shown
    events: tuple[Witness, ...]

    @property
    def days(self) -> int | None:
        """How many days back it was looked for; None where from the beginning."""
        return None if self.shown.since is None else max(1, round(self.shown.since / timedelta(days=1)))


@dataclass(frozen=True)
class Checked:
    """What there is to say of a draft: remarks on its words, what it promises, and what stands against the record.

    `zone` is that in which the times of its words were read.
    """

    zone: ZoneInfo
    remarks: tuple[Remark, ...]
    noticed: tuple[rules.Noticed, ...] = ()
    against: tuple[Against, ...] = ()


def playbook(*, now: datetime) -> Playbook:
    """The playbook in force, or an empty one in UTC before the first: messages are written without one too."""
    try:
        return playbooks.current(now=now)
    except PlaybookVersionError:
        return _NO_PLAYBOOK


def linter(*, of: Playbook) -> Linter:
    """The linter of a playbook, made once a process: reading its patterns takes a third of a second."""
    held = _linters.get(id(of))
    if held is None or held[0] is not of:
        while len(_linters) >= 8:
            _linters.pop(next(iter(_linters)))
        ready, off = rulebook.of(of)
        held = _linters[id(of)] = of, Linter(ready, off)
    return held[1]


def lint(*, text: str, audience: Audience, of: Playbook) -> tuple[Remark, ...]:
    """The remarks on a text, in order of place."""
    return linter(of=of).read(text, audience=audience).remarks if text.strip() else ()


def checked(*, text: str, audience: Audience, matter: people.Matter, now: datetime) -> Checked:
    """What there is to say of a draft about this matter. Of internal notes: the remarks alone."""
    rules.storable(text)
    book = playbook(now=now)
    remarks = lint(text=text, audience=audience, of=book)
    if audience == "internal" or not text.strip():
        return Checked(book.timezone, remarks)
    said = drafts.read(text, book, said_at=now)
    return Checked(
        book.timezone, remarks, tuple(rules.noticed(text, said)), tuple(_against(said, text, matter, book, now))
    )


def warm(*, now: datetime) -> None:
    """Read what checking a draft needs once a process: rules, patterns, weights, and the types that the journal holds."""
    book = playbook(now=now)
    lint(text="I asked them, and we will call you back by Friday.", audience="customer", of=book)
    drafts.read("I asked them, and we will call you back by Friday.", book, said_at=now)
    types()


def _against(
    said: Sequence[drafts.Said], text: str, matter: people.Matter, book: Playbook, now: datetime
) -> list[Against]:
    granted = escalations.said_to_be_granted(text)
    if not granted and all(one.commitment for one in said):
        return []
    draft = {"id": "", "type": "message.sent", "time": now, "audience": "customer", "text": text}
    draft |= {"subject": matter.subject, "customer": matter.customer, "team": matter.team}
    record = _record(matter, beyond=drafts.ask_customers(said, book))
    # What the desk records itself, and has not: of that none on record says that there is none.
    found = rules.against(drafts.shown(said, record, draft, book, types=types() | escalations.RECORDED))
    found = rules.with_escalations(found, granted, [row for row in record if row["subject"] == matter.subject])
    events = {row["id"]: Witness(row["type"], row["time"]) for row in record}
    return [Against(one, tuple(events[name] for name in one.evidence if name in events)) for one in found]


def _record(matter: people.Matter, *, beyond: bool) -> list[dict[str, Any]]:
    """What is on record of the matter and, with `beyond`, of its customer: each event once."""
    found = journal.happened(subject=matter.subject, most=_MOST_OF_RECORD)
    if beyond and matter.customer:
        found += journal.happened(customer=matter.customer, most=_MOST_OF_RECORD)
    return list({one.event.id: dict(vars(one.event)) for one in found}.values())


def types() -> frozenset[str]:
    """The event types that the journal holds, read whole once a process, and from then on what is new of it."""
    where = f"{connection.vendor}:{connection.settings_dict['NAME']}:{connection.settings_dict.get('HOST')}"
    until, known = _seen.get(where, (0, frozenset()))
    latest = journal.latest()
    if latest != until:
        known |= journal.types(after=max(0, until - _OVERLAP))
        _seen[where] = latest, known
    return known


def about(*, subject: str, customer: str | None, team: str | None) -> people.Matter:
    """The matter of a subject as the journal has it: its customer and the team it was last with; what is given counts
    where the journal has nothing of it yet."""
    rules.storable(subject, customer, team)
    known = journal.happened(subject=subject, most=_MOST_OF_RECORD)
    teams = [(one.event.type.startswith("case."), number, one.event.team) for number, one in enumerate(known)]
    held = [one for one in teams if one[2] is not None]
    customers = [one.event.customer for one in known if one.event.customer is not None]
    return people.Matter(
        subject=subject,
        customer=customers[-1] if customers else customer,
        team=max(held)[2] if held else (None if known else team),
    )


def templates(*, language: str | None = None) -> QuerySet[models.Template]:
    """The templates in use, by name; in a language, those of any language with them."""
    found = models.Template.objects.filter(withdrawn_at=None).select_related("changed_by").order_by("name")
    return found.filter(language__in=("", language)) if language else found


def template(*, number: int) -> models.Template:
    """The template of this number, in use or withdrawn. Raises NotThereError."""
    found = models.Template.objects.select_related("changed_by").filter(pk=number).first()
    if found is None:
        raise rules.NotThereError("There is no such template.")
    return found


def values(*, person: people.Person, matter: people.Matter, now: datetime) -> dict[str, str | None]:
    """What the placeholders of a template stand for here; the date as the playbook's time zone has it."""
    book = playbook(now=now)
    return {
        "customer": matter.customer,
        "subject": matter.subject,
        "me": person.name,
        "team": matter.team,
        "organisation": book.organisation,
        "today": f"{now.astimezone(book.timezone):%-d %B %Y}",
    }


def commitments(
    *, person: people.Person, whose: str = "mine", which: str = "open", now: datetime
) -> QuerySet[models.Commitment]:
    """What was promised by word, by due time.

    `whose`: one's own (`mine`), or all within `reach`. `which`: `open`, `over` (open, and its time is past), `settled`, `all`.
    """
    found = _within(person) if whose == "reach" else models.Commitment.objects.filter(made_by_id=person.id)
    settled = Q(kept_at__isnull=False) | Q(withdrawn_at__isnull=False)
    if which in ("open", "settled"):
        found = found.exclude(settled) if which == "open" else found.filter(settled)
    elif which == "over":
        found = found.exclude(settled).filter(due__lt=now)
    return found.select_related("made_by", "settled_by").order_by("due", "pk")


def commitment(*, number: int, person: people.Person) -> models.Commitment:
    """A commitment of one's own, or within reach. Raises NotThereError, which does not say whether there is one elsewhere."""
    own = Q(made_by_id=person.id) if people.may(person, "cases.work") else Q(pk=None)
    found = (
        (_within(person) | models.Commitment.objects.filter(own)).select_related("made_by").filter(pk=number).first()
    )
    if found is None:
        raise rules.NotThereError("There is no such promise, or it is not yours.")
    return found


def _within(person: people.Person) -> QuerySet[models.Commitment]:
    reach = people.reach(person, "cases.work")
    every = models.Commitment.objects.all()
    return every if reach.everything else every.filter(team__in=reach.teams)


def on_subject(*, subject: str, person: people.Person) -> QuerySet[models.Commitment]:
    """What was promised by word on a subject, within reach: what runs first, then by due time."""
    return _within(person).filter(subject=subject).order_by(F("kept_at").asc(nulls_first=True), "due")
