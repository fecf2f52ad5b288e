"""Thanks and reports. The words of a report stand here alone; the ledger knows that there was one, of which kind."""

from __future__ import annotations

from django.db import models

from aboveboard.desk.people.models import User


class Thanks(models.Model):
    """One thanks another, for something that can be named."""

    to = models.ForeignKey(User, models.PROTECT, related_name="thanks_received")
    by = models.ForeignKey(User, models.PROTECT, related_name="thanks_given")
    text = models.TextField()
    subject = models.CharField(max_length=200, null=True)
    given_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        """Plain."""

        db_table = "thanks"


class Report(models.Model):
    """A report of conduct. `concerns` is the employee who bore it. It is answered to whoever made it."""

    kind = models.CharField(max_length=10)
    concerns = models.ForeignKey(User, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    text = models.TextField()
    subject = models.CharField(max_length=200, null=True)
    made_at = models.DateTimeField()
    answer = models.TextField(default="")
    answered_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        """Plain."""

        db_table = "conduct_reports"
