"""Running promises: what they are, what ended them, how far the journal was read, alerts, and what people chose."""

from __future__ import annotations

from django.db import models

from aboveboard.desk.people.models import User


class Clock(models.Model):
    """One start of a promise (`rules.Start`), and how it stands. Derived from the journal; can be thrown away and made anew.

    `met_at` and `cancelled_at` are the earliest event that keeps or cancels it. `hour` is that of its start. `age` is at how many
    hundredths of its time it was met, `rules.MISSED_BIN` where it was not in time, null while that is open. `look_at` is when it
    must be looked at again. The `chance` columns are those of `rules.Chance`, null where it does not run or nothing is known.
    """

    promise = models.TextField()
    event = models.TextField()
    tie = models.CharField(max_length=32, null=True, db_index=True)
    subject = models.TextField(null=True)
    customer = models.TextField(null=True)
    team = models.TextField(null=True)
    channel = models.TextField(null=True)
    touchpoint = models.TextField(null=True)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    minutes_allowed = models.FloatField(null=True)
    state = models.CharField(max_length=16)
    sequence = models.BigIntegerField()
    hour = models.PositiveSmallIntegerField()
    age = models.PositiveSmallIntegerField(null=True)
    look_at = models.DateTimeField(null=True)
    chance_share = models.FloatField(null=True)
    chance_low = models.FloatField(null=True)
    chance_high = models.FloatField(null=True)
    chance_count = models.PositiveIntegerField(null=True)
    chance_by_hour = models.BooleanField(null=True)

    class Meta:
        """Looked for by what runs, by what fell due, by subject and by customer."""

        db_table = "clocks"
        constraints = (models.UniqueConstraint(fields=("promise", "event"), name="clock_of_a_start"),)
        indexes = (
            models.Index(fields=("state", "due_at"), name="clocks_by_state"),
            models.Index(fields=("promise", "due_at"), name="clocks_by_promise"),
            models.Index(fields=("look_at",), name="clocks_to_look_at", condition=models.Q(look_at__isnull=False)),
            models.Index(fields=("subject",), name="clocks_of_subject"),
            models.Index(fields=("customer",), name="clocks_of_customer"),
        )


class Mark(models.Model):
    """An event that keeps or cancels promises of its tie (`rules.Mark`). Derived, like the clocks."""

    tie = models.CharField(max_length=32)
    at = models.DateTimeField()
    keeps = models.BooleanField()

    class Meta:
        """Each once."""

        db_table = "clock_marks"
        constraints = (models.UniqueConstraint(fields=("tie", "at", "keeps"), name="mark_once"),)


class Progress(models.Model):
    """How far the journal was read, for which promises (`of`: a hash of what the playbook says), and when. One row."""

    of = models.CharField(max_length=64)
    sequence = models.BigIntegerField()
    advanced_at = models.DateTimeField(null=True)

    class Meta:
        """One row."""

        db_table = "clock_progress"


class Alert(models.Model):
    """That a promise came to be at risk, or broke (`what`), for `owner` to see. Kept when the clocks are made anew."""

    promise = models.TextField()
    event = models.TextField()
    what = models.CharField(max_length=16)
    subject = models.TextField(null=True)
    customer = models.TextField(null=True)
    team = models.TextField(null=True)
    owner = models.TextField(null=True)
    due_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(User, models.PROTECT, null=True)

    class Meta:
        """Each once."""

        db_table = "promise_alerts"
        constraints = (models.UniqueConstraint(fields=("promise", "event", "what"), name="alert_once"),)
        indexes = (models.Index(fields=("due_at",), name="alerts_unseen", condition=models.Q(seen_at__isnull=True)),)


class Choice(models.Model):
    """The chance below which a promise is at risk: `below`, or with `by_objective` its objective; absent: one half."""

    promise = models.TextField(primary_key=True)
    below = models.FloatField(null=True)
    by_objective = models.BooleanField(default=False)

    class Meta:
        """Plain."""

        db_table = "promise_choices"
