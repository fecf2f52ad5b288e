"""The tables of the journal: events, and the seals over them. Both only grow; the database itself sees to that."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """A row of the ledger (`ledger.columns`), with the place it took: `sequence` has gaps, and is never used twice."""

    sequence = models.BigAutoField(primary_key=True)
    event = models.TextField(db_column="id", unique=True)
    type = models.TextField()
    time = models.DateTimeField()
    recorded_at = models.DateTimeField()
    source = models.TextField(null=True)
    customer = models.TextField(null=True)
    subject = models.TextField(null=True)
    channel = models.TextField(null=True)
    touchpoint = models.TextField(null=True)
    team = models.TextField(null=True)
    employee = models.TextField(null=True)
    rule = models.TextField(null=True)
    outcome = models.TextField(null=True)
    value = models.FloatField(null=True)
    due = models.DateTimeField(null=True)
    audience = models.TextField(null=True)
    text = models.TextField(null=True)
    attributes = models.TextField(null=True)

    class Meta:
        """`events` is what `engines.read` looks for in a database."""

        db_table = "events"
        indexes = (
            models.Index(
                fields=("subject", "time"), name="events_of_subject", condition=models.Q(subject__isnull=False)
            ),
            models.Index(
                fields=("customer", "time"), name="events_of_customer", condition=models.Q(customer__isnull=False)
            ),
        )


class Seal(models.Model):
    """A batch of events that can no longer be changed unseen: all with a sequence above the last seal's, up to `last`.

    `root` is the Merkle root over them, `previous` the hash of the seal before (zeros for the first), `hash` that of this
    one over all of these; each 64 hexadecimal digits.
    """

    number = models.BigIntegerField(primary_key=True)
    last = models.BigIntegerField(unique=True)
    count = models.BigIntegerField()
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        """Beside `events`, and named for what it holds."""

        db_table = "event_seals"
