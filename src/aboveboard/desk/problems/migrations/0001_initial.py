"""Problems, what contributes to them, by what changes are judged, the changes, and whom it struck. Criteria only grow."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def append_only(_apps: Any, editor: Any) -> None:
    """Let no criterion be changed or taken away."""
    if editor.connection.vendor == "postgresql":
        editor.execute(
            "CREATE TRIGGER problem_criteria_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON problem_criteria "
            "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )
        return
    refused = "BEGIN SELECT RAISE(ABORT, 'by what a change is judged is append-only'); END"
    for act in ("UPDATE", "DELETE"):
        editor.execute(f"CREATE TRIGGER problem_criteria_no_{act} BEFORE {act} ON problem_criteria {refused}")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("journal", "0001_events_and_seals"),
        ("followups", "0001_initial"),
        ("playbook", "0002_drafts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Problem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=300, unique=True)),
                ("title", models.CharField(max_length=200)),
                ("breaks", models.TextField()),
                ("whom", models.TextField(blank=True, default="")),
                ("workaround", models.TextField(blank=True, default="")),
                ("team", models.CharField(blank=True, db_index=True, default="", max_length=200)),
                ("target", models.CharField(max_length=400)),
                ("state", models.CharField(db_index=True, default="known", max_length=12)),
                ("outcome", models.CharField(blank=True, default="", max_length=10)),
                ("reason", models.TextField(blank=True, default="")),
                ("found", models.JSONField(default=dict)),
                ("factors", models.JSONField(default=list)),
                ("made_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("asked_as", models.CharField(max_length=64, null=True, unique=True)),
                ("asked_with", models.CharField(max_length=64, null=True)),
                (
                    "finding",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="followups.followup",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
                    "run",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="followups.run"
                    ),
                ),
            ],
            options={
                "db_table": "problems",
            },
        ),
        migrations.CreateModel(
            name="Criterion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10)),
                ("value", models.FloatField()),
                ("target", models.CharField(max_length=400)),
                ("window_weeks", models.PositiveSmallIntegerField()),
                ("why", models.TextField(blank=True, default="")),
                ("at", models.DateTimeField()),
                ("event", models.CharField(max_length=64, unique=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "problem",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="criteria", to="problems.problem"
                    ),
                ),
            ],
            options={
                "db_table": "problem_criteria",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.TextField()),
                ("part", models.CharField(blank=True, default="", max_length=200)),
                ("planned_for", models.DateTimeField(null=True)),
                ("written_at", models.DateTimeField()),
                ("made_from", models.DateTimeField(null=True)),
                ("recorded_at", models.DateTimeField(null=True)),
                ("event", models.CharField(max_length=64, null=True, unique=True)),
                ("verdict", models.CharField(blank=True, default="", max_length=20)),
                ("judged", models.JSONField(default=dict)),
                (
                    "run",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="followups.run"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="playbook.version"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "criterion",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="problems.criterion",
                    ),
                ),
                (
                    "problem",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="problems.problem"
                    ),
                ),
            ],
            options={
                "db_table": "problem_changes",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("factor", models.CharField(max_length=40)),
                ("answer", models.CharField(max_length=20)),
                ("evidence", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "problem",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="problems.problem"
                    ),
                ),
            ],
            options={
                "db_table": "problem_answers",
            },
        ),
        migrations.CreateModel(
            name="Struck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("who", models.TextField()),
                ("customer", models.TextField(blank=True, default="")),
                ("subject", models.TextField(blank=True, default="")),
                ("team", models.TextField(blank=True, default="")),
                ("since", models.DateTimeField()),
                ("matters", models.PositiveIntegerField(default=1)),
                ("voice", models.CharField(max_length=12)),
                ("added", models.BooleanField(default=False)),
                ("told_at", models.DateTimeField(null=True)),
                ("case", models.CharField(blank=True, default="", max_length=60)),
                (
                    "problem",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="struck", to="problems.problem"
                    ),
                ),
            ],
            options={
                "db_table": "problem_struck",
            },
        ),
        migrations.AddConstraint(
            model_name="problem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["known", "cause-found", "planned", "made", "watched", "verdict", "closed", "came-back"],
                    )
                ),
                name="problem_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="problem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(models.Q(("state", "closed"), _negated=True), ("closed_at", None), ("outcome", "")),
                    models.Q(
                        ("closed_at__isnull", False),
                        ("state", "closed"),
                        models.Q(
                            ("outcome", "fixed"),
                            models.Q(("outcome", "left"), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="problem_closed_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("criterion", None), ("event", None), ("made_from", None), ("recorded_at", None)),
                    models.Q(
                        ("criterion__isnull", False),
                        ("event__isnull", False),
                        ("made_from__isnull", False),
                        ("recorded_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="change_made_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.UniqueConstraint(
                condition=models.Q(("made_from", None)), fields=("problem",), name="one_change_planned"
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.UniqueConstraint(fields=("problem", "factor"), name="one_answer_a_factor"),
        ),
        migrations.AddIndex(
            model_name="struck",
            index=models.Index(fields=["problem", "voice", "since"], name="struck_by_voice"),
        ),
        migrations.AddConstraint(
            model_name="struck",
            constraint=models.UniqueConstraint(fields=("problem", "who"), name="struck_once"),
        ),
        migrations.RunPython(append_only, migrations.RunPython.noop),
    ]
