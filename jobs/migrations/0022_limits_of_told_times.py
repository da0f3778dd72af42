"""Told times, and what was learned from them, keep the limits that were in force."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0021_detours_seen"),
    ]

    operations = [
        migrations.AddField(
            model_name=name,
            name="limits",
            field=models.TextField(blank=True, db_default="", default=""),
        )
        for name in ("lanetrust", "toldtime")
    ]
