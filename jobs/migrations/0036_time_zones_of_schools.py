"""A school may have a time zone of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0035_attempts_over_memory"),
    ]

    operations = [
        migrations.AddField(
            model_name="school",
            name="time_zone",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
