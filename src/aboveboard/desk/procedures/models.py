"""Visits and their steps, as they stand. What was done, and in which order, is in the journal."""

from __future__ import annotations

from django.db import models

from aboveboard.desk.people.models import User
from aboveboard.desk.procedures import rules


class Visit(models.Model):
    """Work by a procedure for a customer. In the ledger its subject is `visit:<number>`, or the one it was begun for."""

    subject = models.CharField(max_length=200, db_index=True)
    procedure = models.CharField(max_length=200)
    customer = models.CharField(max_length=200, null=True)
    team = models.CharField(max_length=200, null=True, db_index=True)
    channel = models.CharField(max_length=100, null=True)
    user = models.ForeignKey(User, models.PROTECT)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    @property
    def title(self) -> str:
        """The procedure's name as one says it."""
        return rules.title(self.procedure)

    class Meta:
        """Plain."""

        db_table = "visits"


class Step(models.Model):
    """A step of a visit, as the playbook had it when the visit began: later versions do not change a visit under way."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="steps")
    place = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10)
    why = models.TextField(null=True)
    state = models.CharField(max_length=10, default="open")
    reason = models.TextField(default="")
    changed_at = models.DateTimeField(null=True)

    @property
    def title(self) -> str:
        """Its name as one says it."""
        return rules.title(self.name)

    class Meta:
        """Each step once a visit."""

        db_table = "visit_steps"
        ordering = ("place",)
        constraints = (models.UniqueConstraint(fields=("visit", "name"), name="step_once_a_visit"),)
