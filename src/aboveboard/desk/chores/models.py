"""The table of chores: what is to be done, when, and who is at it."""

from __future__ import annotations

from django.db import models

from aboveboard.desk.people.models import User


class Chore(models.Model):
    """Something a worker does: once, or every so many seconds (`every_seconds`).

    A worker has it while its `claim` stands here and `claimed_until` lies ahead. `act` is what one must be allowed to see it
    and stop it. `outcome` is empty until it ended: `done`, `failed` or `stopped`. `says`, `step` and `steps` tell how far it is.
    """

    name = models.CharField(max_length=40)
    every_seconds = models.PositiveIntegerField(null=True)
    about = models.JSONField(default=dict)
    act = models.CharField(max_length=40)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claim = models.CharField(max_length=32, default="")
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    stop_asked_at = models.DateTimeField(null=True)
    says = models.CharField(max_length=200, default="")
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, default="")
    last_error = models.TextField(default="")
    result = models.JSONField(default=dict)

    class Meta:
        """What recurs is there once."""

        db_table = "chores"
        constraints = (
            models.UniqueConstraint(
                fields=("name",), condition=models.Q(every_seconds__isnull=False), name="recurs_once"
            ),
        )
        indexes = (models.Index(fields=("due_at",), name="chores_due", condition=models.Q(outcome="")),)

    @property
    def share(self) -> int:
        """How much of it is done, in whole percent; 0 where that is not known."""
        return min(100, 100 * self.step // self.steps) if self.steps else 0

    @property
    def state(self) -> str:
        """`waiting`, `working`, or how it ended."""
        return self.outcome or ("working" if self.claim else "waiting")
