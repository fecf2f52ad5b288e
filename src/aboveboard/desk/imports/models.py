"""The table of uploads: files that somebody brought, and what was made of them."""

from __future__ import annotations

from django.db import models

from aboveboard.desk.people.models import User


class Upload(models.Model):
    """A file below the installation's folder. `mapping` is empty for a file of events, which needs none.

    `receipt` is what came of taking it in; empty before. `types` counts its events by type, `dated` those with a `due`.
    """

    name = models.CharField(max_length=200)
    place = models.CharField(max_length=80)
    mapping = models.TextField(default="")
    timezone = models.CharField(max_length=60, default="UTC")
    by = models.ForeignKey(User, models.PROTECT)
    at = models.DateTimeField()
    receipt = models.JSONField(default=dict)
    types = models.JSONField(default=dict)
    dated = models.JSONField(default=dict)

    class Meta:
        """Plain."""

        db_table = "uploads"
