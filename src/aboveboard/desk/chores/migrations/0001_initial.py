"""The table of chores."""

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
            name="Chore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                ("every_seconds", models.PositiveIntegerField(null=True)),
                ("about", models.JSONField(default=dict)),
                ("act", models.CharField(max_length=40)),
                ("asked_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("claim", models.CharField(default="", max_length=32)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(null=True)),
                ("stop_asked_at", models.DateTimeField(null=True)),
                ("says", models.CharField(default="", max_length=200)),
                ("step", models.PositiveIntegerField(default=0)),
                ("steps", models.PositiveIntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(default="", max_length=10)),
                ("last_error", models.TextField(default="")),
                ("result", models.JSONField(default=dict)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "chores",
                "indexes": [models.Index(condition=models.Q(("outcome", "")), fields=["due_at"], name="chores_due")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("every_seconds__isnull", False)), fields=("name",), name="recurs_once"
                    )
                ],
            },
        ),
    ]
