"""The tables of cases. What happened to a case stands in the journal; here is how it stands now."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models

from aboveboard.desk.cases import rules
from aboveboard.desk.people.models import User

NEVER = datetime(2199, 1, 1, tzinfo=UTC)
"""When no clock runs: a moment, so that one index puts cases with a clock before those without."""
_OPEN = models.Q(closed_at=None)


class Case(models.Model):
    """A customer's matter. In the ledger it is `case:desk-<number>`; `about` is what it concerns there, such as `order:17`.

    `version` grows with every change. `due_at` and `risk_at` are those of the clock that is due first, `NEVER` where none
    runs. `search` holds in small letters what a search looks through. `asked_as` and `asked_with` are the key and the
    content of the request of the API that made it.
    """

    number = models.BigAutoField(primary_key=True)
    title = models.CharField(max_length=200)
    topic = models.CharField(max_length=100, blank=True, default="")
    kind = models.CharField(max_length=20, default="complaint")
    customer = models.CharField(max_length=200, null=True)
    about = models.CharField(max_length=200, null=True)
    team = models.CharField(max_length=200, null=True)
    channel = models.CharField(max_length=40, null=True)
    state = models.CharField(max_length=20, default="received")
    severity = models.PositiveSmallIntegerField(null=True)
    assigned_to = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    due_at = models.DateTimeField(default=NEVER)
    risk_at = models.DateTimeField(default=NEVER)
    appealed_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True, default="")
    decision_reason = models.TextField(blank=True, default="")
    recourse = models.TextField(blank=True, default="")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=40, blank=True, default="")
    cause_note = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    search = models.TextField(blank=True, default="")
    asked_as = models.CharField(max_length=200, null=True, unique=True)
    asked_with = models.CharField(max_length=64, null=True)

    class Meta:
        """Each order of the inbox has its index; nearly all of an inbox looks at open cases alone."""

        db_table = "cases"
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=list(rules.STATES)), name="case_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(closed_at=None, cause="") | ~models.Q(cause="") & ~models.Q(closed_at=None),
                name="case_closed_with_a_cause",
            ),
        )
        indexes = (
            models.Index(fields=("due_at", "number"), name="open_cases_due", condition=_OPEN),
            models.Index(fields=("team", "due_at", "number"), name="open_cases_of_team_due", condition=_OPEN),
            models.Index(fields=("assigned_to", "due_at", "number"), name="open_cases_of_person", condition=_OPEN),
            models.Index(fields=("risk_at",), name="open_cases_at_risk", condition=_OPEN),
            models.Index(fields=("state", "due_at", "number"), name="cases_of_state", condition=_OPEN),
            models.Index(fields=("opened_at", "number"), name="cases_opened"),
            models.Index(fields=("team", "opened_at", "number"), name="cases_of_team_opened"),
            models.Index(fields=("changed_at", "number"), name="cases_changed"),
            models.Index(fields=("customer", "opened_at"), name="cases_of_customer"),
            models.Index(fields=("about",), name="cases_about"),
        )

    @property
    def subject(self) -> str:
        """What the ledger's column `subject` holds for it."""
        return f"{rules.SUBJECT}{self.number}"

    @property
    def state_words(self) -> str:
        """Its state in words."""
        return rules.STATES[self.state]

    @property
    def due(self) -> datetime | None:
        """When the first of its clocks is due; None where none runs."""
        return None if self.due_at == NEVER else self.due_at

    @property
    def cause_words(self) -> str:
        """Its cause in words; empty while it is open."""
        return rules.CAUSES.get(self.cause, self.cause)


class Answer(models.Model):
    """What somebody answered, for a case, to a question about the system (`rules.QUESTIONS`), and what that rests on."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="answers")
    question = models.CharField(max_length=40)
    answer = models.CharField(max_length=10)
    evidence = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        """One each; a later one takes its place, and both are in the journal."""

        db_table = "case_answers"
        constraints = (models.UniqueConstraint(fields=("case", "question"), name="one_answer_a_question"),)


class Substitution(models.Model):
    """The substitution test as it was shown for a case and an employee: how it ended when others stood there."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="substitutions")
    employee = models.CharField(max_length=64)
    verdict = models.CharField(max_length=40)
    alike = models.TextField(blank=True, default="")
    contacts_count = models.PositiveIntegerField(null=True)
    peers_count = models.PositiveIntegerField(null=True)
    same_share = models.FloatField(null=True)
    same_share_low = models.FloatField(null=True)
    same_share_high = models.FloatField(null=True)
    shown_at = models.DateTimeField()

    class Meta:
        """The last one that was shown counts."""

        db_table = "case_substitutions"
        constraints = (models.UniqueConstraint(fields=("case", "employee"), name="one_test_an_employee"),)


class View(models.Model):
    """Filters of the inbox that somebody keeps under a name: `asks` is the query of its address."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    asks = models.TextField(blank=True, default="")

    class Meta:
        """A name once each."""

        db_table = "case_views"
        constraints = (models.UniqueConstraint(fields=("user", "name"), name="view_named_once"),)


class Presence(models.Model):
    """Somebody has a case open, and had it at `seen_at`."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        """One row for each."""

        db_table = "case_presences"
        constraints = (models.UniqueConstraint(fields=("case", "user"), name="present_once"),)


class Followed(models.Model):
    """How far in the journal the clocks of cases were followed: one row, with the `sequence` reached."""

    sequence = models.BigIntegerField(default=0)

    class Meta:
        """One row alone."""

        db_table = "case_clocks_followed"
