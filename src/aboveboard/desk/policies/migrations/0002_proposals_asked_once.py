"""A proposal that a program sends twice is one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policies", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="key",
            field=models.UUIDField(null=True, unique=True),
        ),
    ]
