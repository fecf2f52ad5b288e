"""The tables of followups: runs of the analyses, the findings they met, and what people said of those."""

from __future__ import annotations

from django.db import models

from aboveboard.desk.people.models import User


class Run(models.Model):
    """A run of the analyses over the ledger's copy. Its tables and its report lie in `folder`, below the installation's own.

    `as_of` is the moment everything was judged at, `playbook` the number of the version that was in force.
    """

    as_of = models.DateTimeField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    playbook = models.PositiveIntegerField()
    folder = models.CharField(max_length=80)
    events_count = models.BigIntegerField()
    customers_count = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    found_count = models.PositiveIntegerField()
    new_count = models.PositiveIntegerField()
    back_count = models.PositiveIntegerField()
    gone_count = models.PositiveIntegerField()

    class Meta:
        """Plain."""

        db_table = "runs"


class Followup(models.Model):
    """A finding with its life. Its key is the finding's own identity, which is the same from run to run.

    Sentence, evidence and weight are those of the last run that found it. `team` is empty where it is about no team.
    """

    finding = models.CharField(max_length=12, primary_key=True)
    kind = models.CharField(max_length=80)
    family = models.CharField(max_length=40, db_index=True)
    about = models.JSONField()
    sentence = models.TextField()
    action = models.TextField()
    answers = models.CharField(max_length=200, default="")
    weight = models.FloatField()
    evidence = models.JSONField()
    events = models.JSONField()
    table = models.CharField(max_length=80)
    where = models.JSONField()
    team = models.CharField(max_length=200, default="", db_index=True)
    state = models.CharField(max_length=10, db_index=True)
    found = models.BooleanField(default=True)
    owner = models.ForeignKey(User, models.PROTECT, null=True)
    first_run = models.ForeignKey(Run, models.PROTECT, related_name="+")
    last_run = models.ForeignKey(Run, models.PROTECT, related_name="+")

    class Meta:
        """Those that weigh most first."""

        db_table = "followups"
        indexes = (models.Index(fields=("-weight", "finding"), name="followups_by_weight"),)


class Entry(models.Model):
    """Something that happened to a finding: a run met it (`by` is None, `run` says which), or a person moved, took or spoke of it.

    `what` is found, came back, found again, gone, moved, owner or comment. Only grows; the database sees to that.
    """

    followup = models.ForeignKey(Followup, models.PROTECT, related_name="entries")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    run = models.ForeignKey(Run, models.PROTECT, null=True)
    what = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default="")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    says = models.TextField(default="")

    class Meta:
        """In order."""

        db_table = "followup_entries"
        ordering = ("at", "pk")
