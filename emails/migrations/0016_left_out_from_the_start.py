"""Whoever is left out already when a mailing is planned is in no part of its job."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("emails", "0015_offers_without_pipelining"),
    ]

    operations = [
        migrations.AlterField(
            model_name="recipient",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("sending", "Being sent"),
                    ("accepted", "Accepted"),
                    ("refused", "Refused"),
                    ("uncertain", "Uncertain"),
                    ("suppressed", "Left out"),
                    ("omitted", "Left out from the start"),
                    ("lacking", "Left out: no file"),
                    ("bounced", "Came back"),
                    ("complained", "Called it spam"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
    ]
