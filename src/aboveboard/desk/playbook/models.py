"""The versions of the playbook. A version is never changed: another one follows it."""

from __future__ import annotations

from django.db import models

from aboveboard.desk.people.models import User


class Version(models.Model):
    """A whole playbook as YAML text, in force from `effective_from` until a later version's.

    Of two that are in force, the one with the higher number holds.
    """

    number = models.PositiveIntegerField(primary_key=True)
    text = models.TextField()
    why = models.TextField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True)
    made_at = models.DateTimeField()
    effective_from = models.DateTimeField(db_index=True)

    class Meta:
        """Plain."""

        db_table = "playbook_versions"
