"""The table of uploads."""

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
            name="Upload",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("place", models.CharField(max_length=80)),
                ("mapping", models.TextField(default="")),
                ("timezone", models.CharField(default="UTC", max_length=60)),
                ("at", models.DateTimeField()),
                ("receipt", models.JSONField(default=dict)),
                ("types", models.JSONField(default=dict)),
                ("dated", models.JSONField(default=dict)),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "uploads",
            },
        ),
    ]
