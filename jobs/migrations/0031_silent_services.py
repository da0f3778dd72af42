"""A part at work tells which outside service has not answered it, and for how long."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0030_memory_of_workers"),
    ]

    operations = [
        migrations.AddField(
            model_name="part",
            name="asks",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="part",
            name="asks_seconds",
            field=models.FloatField(db_default=0, default=0),
        ),
    ]
