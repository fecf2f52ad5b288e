"""The tables of problems: how each stands, whom it struck, what contributes, by what changes are judged, and the changes.

What happened to a problem stands in the journal, under its subject.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from aboveboard.desk.followups.models import Followup, Run
from aboveboard.desk.people.models import User
from aboveboard.desk.playbook.models import Version
from aboveboard.desk.problems import rules


class Problem(models.Model):
    """A cause that many cases share. In the ledger it is `problem:<key>`.

    `target` is what is counted when a change is judged: the problem itself, or a promise, step or policy. `found` holds the
    numbers that the last run gave (its row of the table `problems`), `factors` the answers of that run to each question.
    `team` is empty where it is about no team. `outcome` is fixed or left once it is closed. `asked_as` and `asked_with` are
    the key and the content of the request of the API that made it.
    """

    key = models.CharField(max_length=300, unique=True)
    title = models.CharField(max_length=200)
    breaks = models.TextField()
    whom = models.TextField(blank=True, default="")
    workaround = models.TextField(blank=True, default="")
    team = models.CharField(max_length=200, blank=True, default="", db_index=True)
    target = models.CharField(max_length=400)
    finding = models.ForeignKey(Followup, models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, default=rules.KNOWN, db_index=True)
    outcome = models.CharField(max_length=10, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    found = models.JSONField(default=dict)
    factors = models.JSONField(default=list)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    asked_as = models.CharField(max_length=64, null=True, unique=True)
    asked_with = models.CharField(max_length=64, null=True)

    class Meta:
        """What is closed says how; what was not fixed says why."""

        db_table = "problems"
        constraints = (
            models.CheckConstraint(condition=Q(state__in=list(rules.STATES)), name="problem_state_is_known"),
            models.CheckConstraint(
                condition=(~Q(state=rules.CLOSED) & Q(closed_at=None, outcome=""))
                | (
                    Q(state=rules.CLOSED, closed_at__isnull=False)
                    & (Q(outcome="fixed") | (Q(outcome="left") & ~Q(reason="")))
                ),
                name="problem_closed_whole",
            ),
        )

    @property
    def subject(self) -> str:
        """What the ledger's column `subject` holds for it."""
        return f"{rules.SUBJECT}{self.key}"

    @property
    def state_words(self) -> str:
        """Its state in words."""
        return rules.STATES[self.state]


class Answer(models.Model):
    """What somebody found out about one of the questions (`rules.FACTORS`), and what that rests on."""

    problem = models.ForeignKey(Problem, models.CASCADE, related_name="answers")
    factor = models.CharField(max_length=40)
    answer = models.CharField(max_length=20)
    evidence = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        """One each; a later one takes its place, and both are in the journal."""

        db_table = "problem_answers"
        constraints = (models.UniqueConstraint(fields=("problem", "factor"), name="one_answer_a_factor"),)


class Criterion(models.Model):
    """By what changes are judged, as it was written down. Never changed: a later one holds for later changes, `why` says what for.

    `event` is the id of its `fix.planned` in the ledger.
    """

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="criteria")
    kind = models.CharField(max_length=10)
    value = models.FloatField()
    target = models.CharField(max_length=400)
    window_weeks = models.PositiveSmallIntegerField()
    why = models.TextField(blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    event = models.CharField(max_length=64, unique=True)

    class Meta:
        """In order."""

        db_table = "problem_criteria"
        ordering = ("pk",)


class Change(models.Model):
    """A change made to end a problem: planned, then made; judged by the `criterion` that held when it was made.

    `event` is the id of its `fix.released` in the ledger, by which a run knows it. `part` is the team where it is in force,
    empty for everywhere. `judged` is the run's row of the table `fixes`, `verdict` its verdict; empty before the first.
    """

    problem = models.ForeignKey(Problem, models.PROTECT, related_name="changes")
    what = models.TextField()
    part = models.CharField(max_length=200, blank=True, default="")
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    planned_for = models.DateTimeField(null=True)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    made_from = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(null=True)
    criterion = models.ForeignKey(Criterion, models.PROTECT, null=True, related_name="+")
    event = models.CharField(max_length=64, null=True, unique=True)
    verdict = models.CharField(max_length=20, blank=True, default="")
    judged = models.JSONField(default=dict)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="+")

    class Meta:
        """No change is on record without its criterion; one is planned at a time."""

        db_table = "problem_changes"
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(made_from=None, recorded_at=None, criterion=None, event=None)
                | Q(made_from__isnull=False, recorded_at__isnull=False, criterion__isnull=False, event__isnull=False),
                name="change_made_whole",
            ),
            models.UniqueConstraint(fields=("problem",), condition=Q(made_from=None), name="one_change_planned"),
        )

    @property
    def verdict_words(self) -> str:
        """The verdict in words; empty before the first."""
        return rules.VERDICTS.get(self.verdict, "")


class Struck(models.Model):
    """Somebody whom the problem struck: `who` is the customer, or the subject where none is known.

    `voice` is the loudest that they said. `added` where people tied them to it by hand. `told_at` and `case` say what was done
    for those who kept silent. `team` is empty where none is known.
    """

    problem = models.ForeignKey(Problem, models.CASCADE, related_name="struck")
    who = models.TextField()
    customer = models.TextField(blank=True, default="")
    subject = models.TextField(blank=True, default="")
    team = models.TextField(blank=True, default="")
    since = models.DateTimeField()
    matters = models.PositiveIntegerField(default=1)
    voice = models.CharField(max_length=12)
    added = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True)
    case = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        """Once each."""

        db_table = "problem_struck"
        constraints = (models.UniqueConstraint(fields=("problem", "who"), name="struck_once"),)
        indexes = (models.Index(fields=("problem", "voice", "since"), name="struck_by_voice"),)

    @property
    def voice_words(self) -> str:
        """What they said, in words."""
        return rules.VOICES[self.voice]
