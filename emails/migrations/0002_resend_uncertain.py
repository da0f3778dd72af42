"""A person's wish about recipients of whom nobody knows whether the mail arrived."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("emails", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="mailing",
            name="resend_uncertain",
            field=models.BooleanField(default=False),
        ),
    ]
