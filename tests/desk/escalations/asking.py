"""Somebody who asks higher up, and the playbook that they work by."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.desk.conftest import NOW, Joining
from tests.desk.policies.rulebook import published

from aboveboard.desk.escalations import actions, models
from aboveboard.desk.people import rules as people
from aboveboard.desk.policies import models as policies_models

MATTER = people.Matter("case:desk-1", "c-1", "North", "phone")
ASKS = "May Ms K have her deposit back?"


def frontline(joined: Joining) -> people.Person:
    """Bo, who may bend by 20; the playbook is in force."""
    published()
    policies_models.Level.objects.create(role="frontline", name="rep")
    return joined("bo", "frontline", team="North")


def escalated(
    by: people.Person, amount: int | None = None, *, level: str = "lead", subject: str = "case:desk-1", now: datetime = NOW,
    **more: Any,
) -> models.Escalation:  # fmt: skip
    """About a refund where there is an amount, else about what a level may decide."""
    about: dict[str, Any] = {"level": level} if amount is None else {"policy": "refund", "amount": Decimal(amount)}
    matter = people.Matter(subject, "c-1", "North", "phone")
    return actions.escalate(by=by, matter=matter, asks=ASKS, tried="A voucher, twice.", now=now, **about, **more)


def granted(by: people.Person, made: models.Escalation, **more: Any) -> models.Escalation:
    """Decided in the customer's favour, unless told otherwise."""
    usual: dict[str, Any] = {
        "outcome": "granted", "reason": "The till was wrong.", "changes": "The deposit goes back to her card.", "now": NOW,
    }  # fmt: skip
    return actions.decide(by=by, escalation=made.pk, **{**usual, **more})
