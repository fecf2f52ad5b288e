"""Decisions sought higher up, and how they were passed on."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Escalation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("subject", models.CharField(db_index=True, max_length=200)),
                ("customer", models.CharField(max_length=200, null=True)),
                ("team", models.CharField(max_length=200, null=True)),
                ("channel", models.CharField(max_length=200, null=True)),
                ("policy", models.CharField(blank=True, max_length=200)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=11, null=True)),
                ("level", models.CharField(max_length=200)),
                ("asks", models.TextField()),
                ("tried", models.TextField()),
                ("opened_at", models.DateTimeField(db_index=True)),
                ("taken_at", models.DateTimeField(null=True)),
                ("state", models.CharField(db_index=True, default="waiting", max_length=10)),
                ("ended_at", models.DateTimeField(null=True)),
                ("used", models.CharField(blank=True, max_length=200)),
                ("given", models.DecimalField(decimal_places=2, max_digits=11, null=True)),
                ("evidence", models.CharField(blank=True, max_length=20)),
                ("reason", models.TextField(blank=True)),
                ("changes", models.TextField(blank=True)),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "sent_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "escalations",
            },
        ),
        migrations.CreateModel(
            name="Passing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("before", models.CharField(max_length=200)),
                ("after", models.CharField(max_length=200)),
                ("reason", models.TextField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "escalation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passings",
                        to="escalations.escalation",
                    ),
                ),
            ],
            options={
                "db_table": "escalation_passings",
                "ordering": ("at", "id"),
            },
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("changes", ""), ("decided_by", None), ("ended_at", None), ("state", "waiting")),
                    models.Q(
                        ("decided_by__isnull", False),
                        ("ended_at__isnull", False),
                        ("state__in", ("granted", "partly", "denied")),
                        models.Q(("changes", ""), _negated=True),
                        models.Q(("reason", ""), _negated=True),
                        models.Q(("used", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="escalation_decided_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount", None), ("policy", "")),
                    models.Q(models.Q(("policy", ""), _negated=True), ("amount__gte", 0)),
                    _connector="OR",
                ),
                name="escalation_amount_of_policy",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")), fields=("subject",), name="one_escalation_waits_a_matter"
            ),
        ),
    ]
