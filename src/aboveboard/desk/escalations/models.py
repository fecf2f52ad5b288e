"""The tables of escalations: what is asked higher up with its life, and how it was passed on."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from aboveboard.desk.people.models import User


class Escalation(models.Model):
    """A decision that somebody seeks higher up: waiting, then granted, granted in part or refused, once.

    With a `policy` it is about bending that by `amount`; without, about what a `level` may decide. `level` is the one that it
    needs now: passed on, it rises. `sent_to` is the nearest who may decide, `taken_by` whoever says that they see to it. `given`
    is what was granted of the amount, `changes` what changes for the customer. `seen_at` is when whoever asked saw the answer.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    subject = models.CharField(max_length=200, db_index=True)
    customer = models.CharField(max_length=200, null=True)
    team = models.CharField(max_length=200, null=True)
    channel = models.CharField(max_length=200, null=True)
    policy = models.CharField(max_length=200, blank=True)
    amount = models.DecimalField(max_digits=11, decimal_places=2, null=True)
    level = models.CharField(max_length=200)
    asks = models.TextField()
    tried = models.TextField()
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_index=True)
    sent_to = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, default="waiting", db_index=True)
    ended_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    used = models.CharField(max_length=200, blank=True)
    given = models.DecimalField(max_digits=11, decimal_places=2, null=True)
    evidence = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    changes = models.TextField(blank=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        """None ends without who decided, why, and what changes for the customer; one waits per matter."""

        db_table = "escalations"
        constraints = (
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None, decided_by=None, changes="")
                | (
                    Q(state__in=("granted", "partly", "denied"), ended_at__isnull=False, decided_by__isnull=False)
                    & ~Q(changes="")
                    & ~Q(reason="")
                    & ~Q(used="")
                ),
                name="escalation_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(policy="", amount=None) | (~Q(policy="") & Q(amount__gte=0)),
                name="escalation_amount_of_policy",
            ),
            models.UniqueConstraint(
                fields=("subject",), condition=Q(state="waiting"), name="one_escalation_waits_a_matter"
            ),
        )

    @property
    def on_case(self) -> bool:
        """Whether its subject is a case of this desk, which has a page."""
        return self.subject.startswith("case:desk-")


class Passing(models.Model):
    """An escalation was passed on to a higher level, and why."""

    escalation = models.ForeignKey(Escalation, models.CASCADE, related_name="passings")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    before = models.CharField(max_length=200)
    after = models.CharField(max_length=200)
    reason = models.TextField()

    class Meta:
        """In their order."""

        db_table = "escalation_passings"
        ordering = ("at", "id")
