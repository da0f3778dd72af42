"""A hold that a school had before it was switched off comes back when it is on again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0053_jobs_put_away"),
    ]

    operations = [
        migrations.AddField(
            model_name="hold",
            name="replaced",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
