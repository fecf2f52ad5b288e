"""Runs, findings with their life, and what happened to them, which only grows: the database itself sees to that."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def append_only(_apps: Any, editor: Any) -> None:
    """Let nothing that happened to a finding be changed or taken away."""
    if editor.connection.vendor == "postgresql":
        editor.execute(
            "CREATE TRIGGER followup_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON followup_entries "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
        return
    refused = "BEGIN SELECT RAISE(ABORT, 'what happened to a finding is append-only'); END"
    for act in ("UPDATE", "DELETE"):
        editor.execute(f"CREATE TRIGGER followup_entries_no_{act} BEFORE {act} ON followup_entries {refused}")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("journal", "0001_events_and_seals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateTimeField()),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("playbook", models.PositiveIntegerField()),
                ("folder", models.CharField(max_length=80)),
                ("events_count", models.BigIntegerField()),
                ("customers_count", models.BigIntegerField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("found_count", models.PositiveIntegerField()),
                ("new_count", models.PositiveIntegerField()),
                ("back_count", models.PositiveIntegerField()),
                ("gone_count", models.PositiveIntegerField()),
            ],
            options={
                "db_table": "runs",
            },
        ),
        migrations.CreateModel(
            name="Followup",
            fields=[
                ("finding", models.CharField(max_length=12, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=80)),
                ("family", models.CharField(db_index=True, max_length=40)),
                ("about", models.JSONField()),
                ("sentence", models.TextField()),
                ("action", models.TextField()),
                ("answers", models.CharField(default="", max_length=200)),
                ("weight", models.FloatField()),
                ("evidence", models.JSONField()),
                ("events", models.JSONField()),
                ("table", models.CharField(max_length=80)),
                ("where", models.JSONField()),
                ("team", models.CharField(db_index=True, default="", max_length=200)),
                ("state", models.CharField(db_index=True, max_length=10)),
                ("found", models.BooleanField(default=True)),
                (
                    "owner",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "first_run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="followups.run"
                    ),
                ),
                (
                    "last_run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="followups.run"
                    ),
                ),
            ],
            options={
                "db_table": "followups",
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("what", models.CharField(max_length=12)),
                ("state", models.CharField(default="", max_length=10)),
                ("says", models.TextField(default="")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "followup",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="followups.followup"
                    ),
                ),
                ("run", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="followups.run")),
            ],
            options={
                "db_table": "followup_entries",
                "ordering": ("at", "pk"),
            },
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["-weight", "finding"], name="followups_by_weight"),
        ),
        migrations.RunPython(append_only, migrations.RunPython.noop),
    ]
