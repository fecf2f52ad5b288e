"""Cases, what is answered and shown before an act on a person, views of the inbox, and who has a case open."""

import datetime
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def words_on_postgresql(_apps: Any, editor: Any) -> None:
    """What a search looks words up in; SQLite reads through all cases instead."""
    if editor.connection.vendor == "postgresql":
        editor.execute("CREATE INDEX cases_words ON cases USING gin (to_tsvector('simple', search))")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=200)),
                ("topic", models.CharField(blank=True, default="", max_length=100)),
                ("kind", models.CharField(default="complaint", max_length=20)),
                ("customer", models.CharField(max_length=200, null=True)),
                ("about", models.CharField(max_length=200, null=True)),
                ("team", models.CharField(max_length=200, null=True)),
                ("channel", models.CharField(max_length=40, null=True)),
                ("state", models.CharField(default="received", max_length=20)),
                ("severity", models.PositiveSmallIntegerField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("opened_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(default=datetime.datetime(2199, 1, 1, 0, 0, tzinfo=datetime.UTC))),
                ("risk_at", models.DateTimeField(default=datetime.datetime(2199, 1, 1, 0, 0, tzinfo=datetime.UTC))),
                ("appealed_at", models.DateTimeField(null=True)),
                ("handed_at", models.DateTimeField(null=True)),
                ("decision", models.TextField(blank=True, default="")),
                ("decision_reason", models.TextField(blank=True, default="")),
                ("recourse", models.TextField(blank=True, default="")),
                ("decided_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("cause", models.CharField(blank=True, default="", max_length=40)),
                ("cause_note", models.TextField(blank=True, default="")),
                ("closed_at", models.DateTimeField(null=True)),
                ("search", models.TextField(blank=True, default="")),
                ("asked_as", models.CharField(max_length=200, null=True, unique=True)),
                ("asked_with", models.CharField(max_length=64, null=True)),
                (
                    "assigned_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
            ],
            options={
                "db_table": "cases",
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("question", models.CharField(max_length=40)),
                ("answer", models.CharField(max_length=10)),
                ("evidence", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="cases.case"
                    ),
                ),
            ],
            options={
                "db_table": "case_answers",
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cases.case"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "case_presences",
            },
        ),
        migrations.CreateModel(
            name="Substitution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("employee", models.CharField(max_length=64)),
                ("verdict", models.CharField(max_length=40)),
                ("alike", models.TextField(blank=True, default="")),
                ("contacts_count", models.PositiveIntegerField(null=True)),
                ("peers_count", models.PositiveIntegerField(null=True)),
                ("same_share", models.FloatField(null=True)),
                ("same_share_low", models.FloatField(null=True)),
                ("same_share_high", models.FloatField(null=True)),
                ("shown_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="substitutions", to="cases.case"
                    ),
                ),
            ],
            options={
                "db_table": "case_substitutions",
            },
        ),
        migrations.CreateModel(
            name="View",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("asks", models.TextField(blank=True, default="")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "case_views",
            },
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["due_at", "number"], name="open_cases_due"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["team", "due_at", "number"],
                name="open_cases_of_team_due",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["assigned_to", "due_at", "number"],
                name="open_cases_of_person",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(condition=models.Q(("closed_at", None)), fields=["risk_at"], name="open_cases_at_risk"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["state", "due_at", "number"], name="cases_of_state"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["opened_at", "number"], name="cases_opened"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["team", "opened_at", "number"], name="cases_of_team_opened"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["changed_at", "number"], name="cases_changed"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["customer", "opened_at"], name="cases_of_customer"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["about"], name="cases_about"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "received",
                            "acknowledged",
                            "assessed",
                            "working",
                            "decided",
                            "told",
                            "closed",
                            "appealed",
                            "reopened",
                        ],
                    )
                ),
                name="case_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cause", ""), ("closed_at", None)),
                    models.Q(models.Q(("cause", ""), _negated=True), models.Q(("closed_at", None), _negated=True)),
                    _connector="OR",
                ),
                name="case_closed_with_a_cause",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.UniqueConstraint(fields=("case", "question"), name="one_answer_a_question"),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.UniqueConstraint(fields=("case", "user"), name="present_once"),
        ),
        migrations.AddConstraint(
            model_name="substitution",
            constraint=models.UniqueConstraint(fields=("case", "employee"), name="one_test_an_employee"),
        ),
        migrations.AddConstraint(
            model_name="view",
            constraint=models.UniqueConstraint(fields=("user", "name"), name="view_named_once"),
        ),
        migrations.RunPython(words_on_postgresql, migrations.RunPython.noop),
    ]
