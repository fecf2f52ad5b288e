"""Links to the pages of customers."""

from __future__ import annotations

from django.db import models

from aboveboard.desk.cases.models import Case
from aboveboard.desk.people.models import User


class Link(models.Model):
    """A link to a case's page. What makes it unguessable is in the link alone; here is its hash."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    secret = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    opened_count = models.PositiveIntegerField(default=0)

    class Meta:
        """Plain."""

        db_table = "customer_links"
