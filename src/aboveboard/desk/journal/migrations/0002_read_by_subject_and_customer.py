"""What happened to a subject or a customer is found without reading everything."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0001_events_and_seals"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("subject__isnull", False)), fields=["subject", "time"], name="events_of_subject"
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("customer__isnull", False)), fields=["customer", "time"], name="events_of_customer"
            ),
        ),
    ]
