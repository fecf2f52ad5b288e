"""Reads of the customer's page."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db.models import QuerySet

from aboveboard.desk.cases import models as case_models
from aboveboard.desk.cases import queries as cases
from aboveboard.desk.cases import rules as case_rules
from aboveboard.desk.customer_page import models, rules
from aboveboard.desk.people.queries import hashed
from aboveboard.playbook.running import Clock

SALT = "customer page"
_GONE = "This link does not open a page any more. Ask for a new one where you got it."


@dataclass(frozen=True)
class Seen:
    """What the customer sees of a case. `decision` is empty until there is one."""

    organisation: str | None
    title: str
    state: str
    opened_at: datetime
    promises: Sequence[tuple[Clock, str]]
    lines: Sequence[rules.Line]
    decision: str
    reason: str
    recourse: str
    appeals: bool


def link(*, token: str, now: datetime) -> models.Link:
    """The link with this token. Raises LinkError where it was not made here, was revoked, or has run out."""
    try:
        number, secret = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError) as error:
        raise rules.LinkError(_GONE) from error
    found = models.Link.objects.select_related("case").filter(pk=number, revoked_at=None, expires_at__gt=now).first()
    if found is None or not secrets.compare_digest(found.secret, hashed(secret)):
        raise rules.LinkError(_GONE)
    return found


def links(*, case: case_models.Case) -> QuerySet[models.Link]:
    """The links to a case's page, the newest first."""
    return models.Link.objects.filter(case=case).select_related("made_by").order_by("-made_at")


def seen(*, case: case_models.Case, now: datetime) -> Seen:
    """What the customer sees: the state that is shown inside, and what events of both sides of the curtain bear out."""
    events, book = cases.happened(case=case), cases.playbook(now=now)
    decided = case.decided_at is not None and case.state not in ("appealed",)
    return Seen(
        organisation=book.organisation if book else None,
        title=case.title,
        state=case_rules.STATES[case.state],
        opened_at=case.opened_at,
        promises=rules.promises(cases.clocks(events=events, now=now)),
        lines=rules.lines(events),
        decision=case.decision if decided else "",
        reason=case.decision_reason if decided else "",
        recourse=case.recourse if decided else "",
        appeals=rules.may_appeal(case.state),
    )
