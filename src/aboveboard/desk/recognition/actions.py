"""Writes of thanks and reports, each with its event, in one transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from aboveboard.desk.journal import actions as journal
from aboveboard.desk.people import models as people_models
from aboveboard.desk.people import rules as people
from aboveboard.desk.recognition import models, queries, rules
from aboveboard.ledger.event import Event


def thank(
    *, by: people.Person, to: int, text: str, now: datetime, matter: people.Matter | None = None
) -> models.Thanks:
    """Thank a colleague for something that can be named. Raises RecognitionError for oneself, nobody, or no words."""
    people.need(by, "recognition.give")
    whom = _colleague(by, to)
    words = rules.checked(text, "what you thank them for")
    subject = matter.subject if matter else None
    with transaction.atomic():
        made = models.Thanks.objects.create(to=whom, by_id=by.id, text=words, subject=subject, given_at=now)
        _record("recognition.given", made.pk, by, whom, words, subject, now)
    return made


def seen(*, by: people.Person, now: datetime) -> None:
    """Note that somebody has seen the thanks they got."""
    models.Thanks.objects.filter(to_id=by.id, seen_at=None).update(seen_at=now)


def report(
    *, by: people.Person, kind: str, concerns: int, text: str, now: datetime, matter: people.Matter | None = None
) -> models.Report:
    """Report abuse of an employee, or blame that was put on one; oneself can be whom it concerns.

    The ledger learns that it happened and of which kind; the words stay with those who may read reports.
    """
    people.need(by, "recognition.give")
    if kind not in rules.KINDS:
        raise rules.RecognitionError(f"A report is about one of {', '.join(rules.KINDS)}.")
    whom = _user(concerns)
    words = rules.checked(text, "what happened")
    subject = matter.subject if matter else None
    with transaction.atomic():
        made = models.Report.objects.create(
            kind=kind, concerns=whom, by_id=by.id, text=words, subject=subject, made_at=now
        )
        _record("conduct.reported", made.pk, by, whom, rules.KINDS[kind], subject, now)
    return made


def answer(*, by: people.Person, number: int, text: str, now: datetime) -> models.Report:
    """Answer a report, to whoever made it. Raises RecognitionError where it has an answer, or concerns or is by oneself."""
    people.need(by, "conduct.answer")
    words = rules.checked(text, "what was done, or will be, for whoever bore it")
    with transaction.atomic():
        found = queries.report(number=number, person=by)
        if by.id in (found.by_id, found.concerns_id):
            raise rules.RecognitionError("Somebody else has to answer this: it is by you, or about you.")
        changed = models.Report.objects.filter(pk=number, answered_at=None).update(
            answer=words, answered_by_id=by.id, answered_at=now
        )
        if not changed:
            raise rules.RecognitionError("This report has its answer already.")
        about = {"report": number, "by": by.employee}
        done = Event(
            id=f"conduct-{number}-answered", type="conduct.answered", time=now, source="desk", attributes=about
        )
        journal.record(events=[done], now=now)
    return queries.report(number=number, person=by)


def _colleague(by: people.Person, user: int) -> people_models.User:
    if user == by.id:
        raise rules.RecognitionError("Thanks are for somebody else.")
    return _user(user)


def _user(user: int) -> people_models.User:
    found = people_models.User.objects.filter(pk=user, is_active=True).first()
    if found is None:
        raise rules.RecognitionError("There is no such colleague.")
    return found


def _record(
    type_: str, number: int, by: people.Person, whom: people_models.User, text: str, subject: str | None, now: datetime
) -> None:
    made = Event(
        id=f"{type_.split('.')[0]}-{number}", type=type_, time=now, source="desk", employee=whom.employee, text=text,
        subject=subject, audience="internal", attributes={"by": by.employee},
    )  # fmt: skip
    journal.record(events=[made], now=now)
