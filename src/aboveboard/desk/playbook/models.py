"""The versions of the playbook, which are never changed: another one follows; and the drafts from which they are made."""

from __future__ import annotations

from django.db import models

from aboveboard.desk.people.models import User


class Version(models.Model):
    """A whole playbook as YAML text, in force from `effective_from` until a later version's.

    Of two that are in force, the one with the higher number holds. `asked` is what a program called its request, so that
    asking twice makes one version.
    """

    number = models.PositiveIntegerField(primary_key=True)
    text = models.TextField()
    why = models.TextField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True)
    made_at = models.DateTimeField()
    effective_from = models.DateTimeField(db_index=True)
    asked = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        """Plain."""

        db_table = "playbook_versions"


class Draft(models.Model):
    """What somebody is writing: one for each person. `base` is the number of the version that it began from, 0 for none."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True)
    base = models.PositiveIntegerField()
    text = models.TextField()
    kept_at = models.DateTimeField()

    class Meta:
        """Plain."""

        db_table = "playbook_drafts"
