"""A school may be switched off, which deletes nothing of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0050_token_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="school",
            name="is_on",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
