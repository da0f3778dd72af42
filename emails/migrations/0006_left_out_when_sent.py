"""Whom the click that sent a mailing left out, because they were on the suppression list."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("emails", "0005_liquid_and_formats"),
    ]

    operations = [
        migrations.AddField(
            model_name="mailing",
            name="left_out_ids",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
    ]
