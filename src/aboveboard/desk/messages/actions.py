"""Writes of messages, each in one transaction with its events: words sent, noted and received, promises, reply templates."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from aboveboard.desk.journal import actions as journal
from aboveboard.desk.journal import queries as record
from aboveboard.desk.messages import models, queries, rules
from aboveboard.desk.people import rules as people
from aboveboard.ledger.event import Event
from aboveboard.wording.lexicon import codes


def send(
    *,
    by: people.Person,
    matter: people.Matter,
    text: str,
    channel: str,
    promises: Sequence[rules.Promise] = (),
    seen: Collection[str] | None = None,
    reason: str = "",
    token: str,
    now: datetime,
) -> str:
    """Record what was told the customer, with the promises in it; the id of the event.

    Nothing is mailed. The same `token` records once, however often it comes. `seen` are the keys of the commitments that
    whoever writes was shown; None where they were not to be shown any. Raises UnseenPromiseError where one with a time is not among
    them, AgainstRecordError where the record does not show what the words say and no `reason` is given, MessagesError where the
    words cannot be recorded, or where this token recorded others.
    """
    people.need(by, "cases.work", team=matter.team, of_team=True)
    words = rules.finished(text)
    name = rules.name_of(by, "message", token)
    with transaction.atomic():
        if (before := record.known(event=name)) is not None:
            return _same(before.event, words)
        found = queries.checked(text=words, audience="customer", matter=matter, now=now)
        stands_against = [one.shown for one in found.against]
        rules.need_reason(stands_against, reason)
        if seen is not None:
            rules.need_seen(found.noticed, seen)
        message = rules.sent(
            name=name,
            by=by,
            matter=matter,
            text=words,
            channel=channel,
            stands_against=stands_against,
            reason=reason,
            now=now,
        )
        made = list(rules.made(message=message, by=by, promises=promises))
        if not journal.record(events=[message], now=now).recorded:
            return _same(message, words)
        journal.record(events=made, now=now)
        models.Commitment.objects.bulk_create(_commitment(by, message, event) for event in made)
    return name


def note(*, by: people.Person, matter: people.Matter, text: str, token: str, now: datetime) -> str:
    """Record an internal note; the id of the event. The same `token` records once."""
    people.need(by, "cases.work", team=matter.team, of_team=True)
    name = rules.name_of(by, "note", token)
    said = _words(by, matter, name, "note.written", rules.finished(text), now)
    return _once(replace(said, audience="internal"), now)


def receive(
    *,
    by: people.Person,
    matter: people.Matter,
    text: str,
    channel: str,
    said_at: datetime | None = None,
    token: str,
    now: datetime,
) -> str:
    """Record what the customer said, taken down by hand or by a program; the id of the event. The same `token` records once.

    `said_at` is when they said it; now where None. Raises MessagesError where that is still to come.
    """
    people.need(by, "cases.work", team=matter.team, of_team=True)
    if said_at is not None and said_at > now:
        raise rules.MessagesError("What the customer said cannot lie after now.")
    name = rules.name_of(by, "received", token)
    said = _words(by, matter, name, "message.received", rules.written(text), said_at or now)
    return _once(replace(said, audience="customer", channel=rules.checked_channel(channel)), now)


def keep(*, by: people.Person, commitment: int, now: datetime) -> models.Commitment:
    """Say that a promise was kept, now. Nothing happens where it is settled already."""
    return _settled(by, commitment, "kept", "", now)


def withdraw(*, by: people.Person, commitment: int, reason: str, now: datetime) -> models.Commitment:
    """Take a promise back, with the reason. Nothing happens where it is settled already."""
    rules.storable(reason)
    if not reason.strip():
        raise rules.MessagesError("Say why the promise is taken back. The customer will ask too.")
    return _settled(by, commitment, "withdrawn", reason.strip(), now)


def save_template(
    *, by: people.Person, name: str, text: str, language: str = "", template: int | None = None, now: datetime
) -> models.Template:
    """Make a template, or change the one of this number. Raises MessagesError where the name is taken or the words are none."""
    people.need(by, "playbook.change")
    rules.storable(name)
    title, words = " ".join(name.split()), rules.written(text)
    if not title or len(title) > 100:
        raise rules.MessagesError("Give the template a name of up to 100 characters.")
    if language and language not in codes():
        raise rules.MessagesError(f"There is no language {language!r}; there are {', '.join(codes())}, or none.")
    with transaction.atomic():
        if any(one.pk != template for one in models.Template.objects.filter(name__iexact=title)):
            raise rules.MessagesError(f"There is a template “{title}” already.")
        made = models.Template() if template is None else queries.template(number=template)
        made.name, made.text, made.language = title, words, language
        made.changed_at, made.changed_by_id, made.withdrawn_at = now, by.id, None
        made.save()
        _record_change("template.changed", by, {"template": made.pk, "name": title, "language": language}, words, now)
    return made


def withdraw_template(*, by: people.Person, template: int, now: datetime) -> None:
    """Offer a template no more; what it said stays on record. Saving it again brings it back."""
    people.need(by, "playbook.change")
    with transaction.atomic():
        found = queries.template(number=template)
        if models.Template.objects.filter(pk=found.pk, withdrawn_at=None).update(withdrawn_at=now):
            _record_change("template.withdrawn", by, {"template": found.pk, "name": found.name}, None, now)


def _words(by: people.Person, matter: people.Matter, name: str, type_: str, text: str, at: datetime) -> Event:
    return Event(
        id=name,
        type=type_,
        time=at,
        source="desk",
        subject=matter.subject,
        customer=matter.customer,
        team=matter.team,
        employee=by.employee,
        text=text,
    )


def _once(event: Event, now: datetime) -> str:
    with transaction.atomic():
        return event.id if journal.record(events=[event], now=now).recorded else _same(event, event.text or "")


def _same(event: Event, words: str) -> str:
    """The id of an event that is there already, if it says these words: a form sent twice is no second message."""
    before = record.known(event=event.id)
    if before is not None and before.event.text != words:
        raise rules.MessagesError(
            "This form was sent already, with other words. Open it again to write another message."
        )
    return event.id


def _commitment(by: people.Person, message: Event, made: Event) -> models.Commitment:
    assert made.due is not None
    return models.Commitment(
        promise=made.id,
        message=message.id,
        kind=(made.rule or "").removeprefix(rules.SPOKEN),
        text=made.text or "",
        subject=made.subject or "",
        customer=made.customer,
        channel=made.channel,
        team=made.team,
        made_by_id=by.id,
        made_at=made.time,
        due=made.due,
    )


def _settled(by: people.Person, number: int, how: str, reason: str, now: datetime) -> models.Commitment:
    people.need(by, "cases.work")
    with transaction.atomic():
        found = queries.commitment(number=number, person=by)
        open_one = models.Commitment.objects.filter(pk=found.pk, kept_at=None, withdrawn_at=None)
        changed = {f"{how}_at": now, "settled_by_id": by.id, "reason": reason}
        if open_one.update(**changed):
            journal.record(events=[_settling(by, found, how, reason, now)], now=now)
        found.refresh_from_db()
    return found


def _settling(by: people.Person, of: models.Commitment, how: str, reason: str, now: datetime) -> Event:
    about: dict[str, Any] = {"promise": of.promise} | ({"reason": reason} if reason else {})
    return Event(
        id=f"{of.promise}-{how}",
        type=f"promise.{how}",
        time=now,
        source="desk",
        subject=of.subject,
        customer=of.customer,
        channel=of.channel,
        team=of.team,
        employee=by.employee,
        rule=rules.SPOKEN + of.kind,
        due=of.due,
        text=of.text,
        attributes=about,
    )


def _record_change(type_: str, by: people.Person, about: Mapping[str, Any], text: str | None, now: datetime) -> None:
    said = {**about, "by": by.employee}
    made = Event(id=f"{type_}-{secrets.token_hex(8)}", type=type_, time=now, source="desk", text=text, attributes=said)
    journal.record(events=[made], now=now)
