"""Visits and their steps."""

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
            name="Visit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(db_index=True, max_length=200)),
                ("procedure", models.CharField(max_length=200)),
                ("customer", models.CharField(max_length=200, null=True)),
                ("team", models.CharField(db_index=True, max_length=200, null=True)),
                ("channel", models.CharField(max_length=100, null=True)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "visits",
            },
        ),
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=10)),
                ("why", models.TextField(null=True)),
                ("state", models.CharField(default="open", max_length=10)),
                ("reason", models.TextField(default="")),
                ("changed_at", models.DateTimeField(null=True)),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="procedures.visit"
                    ),
                ),
            ],
            options={
                "db_table": "visit_steps",
                "ordering": ("place",),
                "constraints": [models.UniqueConstraint(fields=("visit", "name"), name="step_once_a_visit")],
            },
        ),
    ]
