"""Reply templates, and what was promised by word."""

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
            name="Template",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("text", models.TextField()),
                ("language", models.CharField(blank=True, max_length=10)),
                ("changed_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "changed_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "db_table": "reply_templates",
            },
        ),
        migrations.CreateModel(
            name="Commitment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("promise", models.CharField(max_length=100, unique=True)),
                ("message", models.CharField(max_length=100)),
                ("kind", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("subject", models.TextField()),
                ("customer", models.TextField(null=True)),
                ("channel", models.TextField(null=True)),
                ("team", models.TextField(null=True)),
                ("made_at", models.DateTimeField()),
                ("due", models.DateTimeField()),
                ("kept_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "commitments",
                "indexes": [
                    models.Index(fields=["made_by", "due"], name="commitments_of_somebody"),
                    models.Index(fields=["team", "due"], name="commitments_of_team"),
                    models.Index(fields=["subject", "due"], name="commitments_on_subject"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kept_at", None), ("withdrawn_at", None), _connector="OR"),
                        name="kept_or_withdrawn",
                    )
                ],
            },
        ),
    ]
