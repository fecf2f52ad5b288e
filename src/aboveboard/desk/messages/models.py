"""The tables of messages: reply templates, and what was promised by word. The words themselves are events in the journal."""

from __future__ import annotations

from django.db import models

from aboveboard.desk.people.models import User


class Template(models.Model):
    """A reply that is used again. `language` is a code, empty for any. One that is withdrawn stays, and is offered no more."""

    name = models.CharField(max_length=100, unique=True)
    text = models.TextField()
    language = models.CharField(max_length=10, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, models.PROTECT)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        """Plain."""

        db_table = "reply_templates"


class Commitment(models.Model):
    """Something that somebody promised a customer by word, as the events `promise.made`, `.kept` and `.withdrawn` tell it.

    `promise` is the id of the event that made it, `message` of the message in which it was said. `due` is in UTC. Of `kept_at`
    and `withdrawn_at` at most one is there; `settled_by` says who did it, and `reason` why it was withdrawn.
    """

    promise = models.CharField(max_length=100, unique=True)
    message = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    text = models.TextField()
    subject = models.TextField()
    customer = models.TextField(null=True)
    channel = models.TextField(null=True)
    team = models.TextField(null=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="commitments")
    made_at = models.DateTimeField()
    due = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        """What is open is found by whose it is, by team and by subject."""

        db_table = "commitments"
        indexes = (
            models.Index(fields=("made_by", "due"), name="commitments_of_somebody"),
            models.Index(fields=("team", "due"), name="commitments_of_team"),
            models.Index(fields=("subject", "due"), name="commitments_on_subject"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kept_at=None) | models.Q(withdrawn_at=None), name="kept_or_withdrawn"
            ),
        )

    @property
    def on_case(self) -> bool:
        """Whether it is about a case, which has a page."""
        return self.subject.startswith("case:desk-")
