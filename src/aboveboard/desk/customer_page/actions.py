"""Writes of the customer's page: a link is made or revoked, and the customer writes or objects."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.core import signing
from django.db import transaction
from django.db.models import F

from aboveboard.desk.cases import actions as cases
from aboveboard.desk.cases import models as case_models
from aboveboard.desk.cases import queries as case_queries
from aboveboard.desk.cases import rules as case_rules
from aboveboard.desk.customer_page import models, queries, rules
from aboveboard.desk.journal import actions as journal
from aboveboard.desk.people import rules as people
from aboveboard.desk.people.queries import hashed
from aboveboard.ledger.event import Event

_SECRET_BYTES = 24


def make(*, by: people.Person, case: int, now: datetime) -> str:
    """Make a link to the page of a case's customer; the token, which is shown this once. Links of before go on to work."""
    found = _case(by, case)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    with transaction.atomic():
        made = models.Link.objects.create(
            case=found, secret=hashed(secret), made_by_id=by.id, made_at=now, expires_at=now + rules.LASTS
        )
        _record("customer.link-made", made, by, now)
    return signing.dumps([made.pk, secret], salt=queries.SALT)


def revoke(*, by: people.Person, case: int, link: int, now: datetime) -> None:
    """Let a link open nothing any more."""
    found = _case(by, case)
    with transaction.atomic():
        if models.Link.objects.filter(pk=link, case=found, revoked_at=None).update(revoked_at=now):
            _record("customer.link-revoked", models.Link.objects.get(pk=link), by, now)


def opened(*, link: models.Link, now: datetime) -> None:
    """Note that the customer opened their page."""
    models.Link.objects.filter(pk=link.pk).update(opened_at=now, opened_count=F("opened_count") + 1)


def appeal(*, token: str, words: str, now: datetime) -> None:
    """Object to the decision, as the customer. Raises LinkError where there is none to object to."""
    found = queries.link(token=token, now=now)
    if not rules.may_appeal(found.case.state):
        raise rules.LinkError("There is no decision to object to now.")
    try:
        cases.appeal(by=None, case=found.case.pk, words=words, version=None, now=now)
    except case_rules.CaseError as error:
        raise rules.LinkError(str(error)) from error


def write(*, token: str, words: str, now: datetime) -> None:
    """Write to the organisation, as the customer."""
    found = queries.link(token=token, now=now)
    try:
        cases.hear(case=found.case.pk, words=words, now=now)
    except case_rules.CaseError as error:
        raise rules.LinkError(str(error)) from error


def _case(by: people.Person, number: int) -> case_models.Case:
    people.need(by, "cases.work")
    found = case_queries.case(person=by, number=number, act="cases.work")
    if found is None:
        raise rules.LinkError("There is no such case.")
    return found


def _record(type_: str, link: models.Link, by: people.Person, now: datetime) -> None:
    case = link.case
    made = Event(
        id=f"{type_}-{link.pk}", type=type_, time=now, source="desk", subject=case.subject, customer=case.customer,
        team=case.team, employee=by.employee, attributes={"link": link.pk, "expires_at": link.expires_at.isoformat()},
    )  # fmt: skip
    journal.record(events=[made], now=now)
