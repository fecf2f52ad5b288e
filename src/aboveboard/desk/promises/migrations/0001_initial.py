"""Running promises, and what is known of them."""

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
            name="Choice",
            fields=[
                ("promise", models.TextField(primary_key=True, serialize=False)),
                ("below", models.FloatField(null=True)),
                ("by_objective", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "promise_choices",
            },
        ),
        migrations.CreateModel(
            name="Progress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("of", models.CharField(max_length=64)),
                ("sequence", models.BigIntegerField()),
                ("advanced_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "clock_progress",
            },
        ),
        migrations.CreateModel(
            name="Clock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("promise", models.TextField()),
                ("event", models.TextField()),
                ("tie", models.CharField(db_index=True, max_length=32, null=True)),
                ("subject", models.TextField(null=True)),
                ("customer", models.TextField(null=True)),
                ("team", models.TextField(null=True)),
                ("channel", models.TextField(null=True)),
                ("touchpoint", models.TextField(null=True)),
                ("started_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("met_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("minutes_allowed", models.FloatField(null=True)),
                ("state", models.CharField(max_length=16)),
                ("sequence", models.BigIntegerField()),
                ("hour", models.PositiveSmallIntegerField()),
                ("age", models.PositiveSmallIntegerField(null=True)),
                ("look_at", models.DateTimeField(null=True)),
                ("chance_share", models.FloatField(null=True)),
                ("chance_low", models.FloatField(null=True)),
                ("chance_high", models.FloatField(null=True)),
                ("chance_count", models.PositiveIntegerField(null=True)),
                ("chance_by_hour", models.BooleanField(null=True)),
            ],
            options={
                "db_table": "clocks",
                "indexes": [
                    models.Index(fields=["state", "due_at"], name="clocks_by_state"),
                    models.Index(fields=["promise", "due_at"], name="clocks_by_promise"),
                    models.Index(
                        condition=models.Q(("look_at__isnull", False)), fields=["look_at"], name="clocks_to_look_at"
                    ),
                    models.Index(fields=["subject"], name="clocks_of_subject"),
                    models.Index(fields=["customer"], name="clocks_of_customer"),
                ],
                "constraints": [models.UniqueConstraint(fields=("promise", "event"), name="clock_of_a_start")],
            },
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("tie", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
                ("keeps", models.BooleanField()),
            ],
            options={
                "db_table": "clock_marks",
                "constraints": [models.UniqueConstraint(fields=("tie", "at", "keeps"), name="mark_once")],
            },
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("promise", models.TextField()),
                ("event", models.TextField()),
                ("what", models.CharField(max_length=16)),
                ("subject", models.TextField(null=True)),
                ("customer", models.TextField(null=True)),
                ("team", models.TextField(null=True)),
                ("owner", models.TextField(null=True)),
                ("due_at", models.DateTimeField()),
                ("raised_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "seen_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "promise_alerts",
                "indexes": [
                    models.Index(condition=models.Q(("seen_at__isnull", True)), fields=["due_at"], name="alerts_unseen")
                ],
                "constraints": [models.UniqueConstraint(fields=("promise", "event", "what"), name="alert_once")],
            },
        ),
    ]
