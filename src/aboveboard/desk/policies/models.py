"""The tables of policies: exceptions and their life, flagged rules and their answers, proposals, and who is told what."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from aboveboard.desk.people.models import User
from aboveboard.desk.playbook.models import Version


class Level(models.Model):
    """A level of authority of the playbook that the holders of a role have, beside the one of the role's own name."""

    role = models.CharField(max_length=20)
    name = models.CharField(max_length=200)

    class Meta:
        """Once each."""

        db_table = "policy_levels"
        constraints = (models.UniqueConstraint(fields=("role", "name"), name="level_once_a_role"),)


class ExceptionRequest(models.Model):
    """Somebody asked to bend a policy: waiting, then granted, denied or withdrawn, once.

    `level` is that of whoever asked, `needed` the lowest that suffices, `used` that of whoever decided. `sent_to` is the
    nearest person who may decide; others who may can as well. `key` is the asking itself: sent twice, it is one.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    policy = models.CharField(max_length=200, db_index=True)
    subject = models.CharField(max_length=200, db_index=True)
    customer = models.CharField(max_length=200, null=True)
    team = models.CharField(max_length=200, null=True)
    channel = models.CharField(max_length=200, null=True)
    amount = models.DecimalField(max_digits=11, decimal_places=2)
    reason = models.TextField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_index=True)
    level = models.CharField(max_length=200, blank=True)
    needed = models.CharField(max_length=200)
    sent_to = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, default="waiting", db_index=True)
    ended_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    used = models.CharField(max_length=200, blank=True)
    evidence = models.CharField(max_length=20, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        """A decision has somebody who made it; a refusal what it rests on; one request waits per matter and policy."""

        db_table = "policy_exceptions"
        constraints = (
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None, decided_by=None)
                | Q(state="withdrawn", ended_at__isnull=False, decided_by=None)
                | Q(state="granted", ended_at__isnull=False, decided_by__isnull=False)
                | (
                    Q(state="denied", ended_at__isnull=False, decided_by__isnull=False)
                    & ~Q(evidence="")
                    & ~Q(answer="")
                ),
                name="exception_decided_whole",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="exception_amount_not_below_zero"),
            models.UniqueConstraint(
                fields=("policy", "subject"), condition=Q(state="waiting"), name="one_waits_a_matter"
            ),
        )


class Abuse(models.Model):
    """A finding of abuse on a customer, as the analyses gave it: in force from `found_at` until `expires_at`."""

    customer = models.CharField(max_length=200, unique=True)
    finding = models.CharField(max_length=12)
    says = models.TextField()
    found_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        """Plain."""

        db_table = "policy_abuse_findings"


class Suggestion(models.Model):
    """Somebody said that a rule is in the way, and what they were answered."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    rule = models.CharField(max_length=400, db_index=True)
    subject = models.CharField(max_length=200, null=True)
    team = models.CharField(max_length=200, null=True)
    text = models.TextField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_index=True)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        """An answer has words, somebody who gave it, and a time, or it is none."""

        db_table = "policy_suggestions"
        constraints = (
            models.CheckConstraint(
                condition=Q(answer="", answered_by=None, answered_at=None)
                | (~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="suggestion_answered_whole",
            ),
        )


class Proposal(models.Model):
    """A rule is proposed for change: open, then accepted with the version that it led to, or refused, with the reason.

    `finding` is the identity of the finding that it came from (empty: made by hand), `kind` the finding's kind. `evidence`
    holds the numbers as the finding gave them. `made_by` None: from the analyses. `key` is the proposing by a program.
    """

    key = models.UUIDField(unique=True, null=True)
    finding = models.CharField(max_length=12, blank=True, db_index=True)
    kind = models.CharField(max_length=100)
    rule = models.CharField(max_length=400, db_index=True)
    sentence = models.TextField()
    action = models.TextField(blank=True)
    evidence = models.JSONField(default=dict)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=10, default="open", db_index=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")

    class Meta:
        """A decision is whole; an accepted one has its version; one is open per finding."""

        db_table = "policy_proposals"
        constraints = (
            models.CheckConstraint(
                condition=Q(state="open", decided_by=None, decided_at=None, version=None)
                | (Q(state="refused", decided_by__isnull=False, decided_at__isnull=False, version=None) & ~Q(reason=""))
                | (
                    Q(state="accepted", decided_by__isnull=False, decided_at__isnull=False, version__isnull=False)
                    & ~Q(reason="")
                ),
                name="proposal_decided_whole",
            ),
            models.UniqueConstraint(
                fields=("finding",), condition=Q(state="open") & ~Q(finding=""), name="one_open_a_finding"
            ),
        )


class Told(models.Model):
    """Something that a person is owed to know, shown to them until they have seen it: one of the three, and never two."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    exception = models.ForeignKey(ExceptionRequest, models.CASCADE, null=True)
    suggestion = models.ForeignKey(Suggestion, models.CASCADE, null=True)
    proposal = models.ForeignKey(Proposal, models.CASCADE, null=True)
    told_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        """Looked up by whose, and whether it was seen."""

        db_table = "policy_told"
        indexes = (models.Index(fields=("user", "seen_at"), name="told_to_whom"),)
        constraints = (
            models.UniqueConstraint(fields=("user", "proposal"), name="rule_told_once"),
            models.UniqueConstraint(fields=("user", "exception"), name="decision_told_once"),
            models.UniqueConstraint(fields=("user", "suggestion"), name="answer_told_once"),
        )
