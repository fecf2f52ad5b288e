"""Exceptions, flagged rules, proposals, and who is told what."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("playbook", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Abuse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("customer", models.CharField(max_length=200, unique=True)),
                ("finding", models.CharField(max_length=12)),
                ("says", models.TextField()),
                ("found_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "db_table": "policy_abuse_findings",
            },
        ),
        migrations.CreateModel(
            name="ExceptionRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("policy", models.CharField(db_index=True, max_length=200)),
                ("subject", models.CharField(db_index=True, max_length=200)),
                ("customer", models.CharField(max_length=200, null=True)),
                ("team", models.CharField(max_length=200, null=True)),
                ("channel", models.CharField(max_length=200, null=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=11)),
                ("reason", models.TextField()),
                ("asked_at", models.DateTimeField(db_index=True)),
                ("level", models.CharField(blank=True, max_length=200)),
                ("needed", models.CharField(max_length=200)),
                ("state", models.CharField(db_index=True, default="waiting", max_length=10)),
                ("ended_at", models.DateTimeField(null=True)),
                ("used", models.CharField(blank=True, max_length=200)),
                ("evidence", models.CharField(blank=True, max_length=20)),
                ("answer", models.TextField(blank=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
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
                    "sent_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "policy_exceptions",
            },
        ),
        migrations.CreateModel(
            name="Level",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "policy_levels",
                "constraints": [models.UniqueConstraint(fields=("role", "name"), name="level_once_a_role")],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("finding", models.CharField(blank=True, db_index=True, max_length=12)),
                ("kind", models.CharField(max_length=100)),
                ("rule", models.CharField(db_index=True, max_length=400)),
                ("sentence", models.TextField()),
                ("action", models.TextField(blank=True)),
                ("evidence", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField(db_index=True)),
                ("state", models.CharField(db_index=True, default="open", max_length=10)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
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
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="playbook.version"
                    ),
                ),
            ],
            options={
                "db_table": "policy_proposals",
            },
        ),
        migrations.CreateModel(
            name="Suggestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("rule", models.CharField(db_index=True, max_length=400)),
                ("subject", models.CharField(max_length=200, null=True)),
                ("team", models.CharField(max_length=200, null=True)),
                ("text", models.TextField()),
                ("made_at", models.DateTimeField(db_index=True)),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "policy_suggestions",
            },
        ),
        migrations.CreateModel(
            name="Told",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("told_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "exception",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, to="policies.exceptionrequest"
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="policies.proposal"),
                ),
                (
                    "suggestion",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="policies.suggestion"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "policy_told",
            },
        ),
        migrations.AddConstraint(
            model_name="exceptionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by", None), ("ended_at", None), ("state", "waiting")),
                    models.Q(("decided_by", None), ("ended_at__isnull", False), ("state", "withdrawn")),
                    models.Q(("decided_by__isnull", False), ("ended_at__isnull", False), ("state", "granted")),
                    models.Q(
                        ("decided_by__isnull", False),
                        ("ended_at__isnull", False),
                        ("state", "denied"),
                        models.Q(("evidence", ""), _negated=True),
                        models.Q(("answer", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="exception_decided_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="exceptionrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 0)), name="exception_amount_not_below_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="exceptionrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")), fields=("policy", "subject"), name="one_waits_a_matter"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("state", "open"), ("version", None)),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state", "refused"),
                        ("version", None),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state", "accepted"),
                        ("version__isnull", False),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="proposal_decided_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open"), models.Q(("finding", ""), _negated=True)),
                fields=("finding",),
                name="one_open_a_finding",
            ),
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at", None), ("answered_by", None)),
                    models.Q(
                        models.Q(("answer", ""), _negated=True),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="suggestion_answered_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="told",
            index=models.Index(fields=["user", "seen_at"], name="told_to_whom"),
        ),
        migrations.AddConstraint(
            model_name="told",
            constraint=models.UniqueConstraint(fields=("user", "proposal"), name="rule_told_once"),
        ),
        migrations.AddConstraint(
            model_name="told",
            constraint=models.UniqueConstraint(fields=("user", "exception"), name="decision_told_once"),
        ),
        migrations.AddConstraint(
            model_name="told",
            constraint=models.UniqueConstraint(fields=("user", "suggestion"), name="answer_told_once"),
        ),
    ]
