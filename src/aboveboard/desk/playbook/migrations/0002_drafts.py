"""What people are writing, and what a program called its request for a version."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("playbook", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("base", models.PositiveIntegerField()),
                ("text", models.TextField()),
                ("kept_at", models.DateTimeField()),
            ],
            options={
                "db_table": "playbook_drafts",
            },
        ),
        migrations.AddField(
            model_name="version",
            name="asked",
            field=models.CharField(max_length=64, null=True, unique=True),
        ),
    ]
