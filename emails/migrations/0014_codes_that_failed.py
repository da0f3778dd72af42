"""A code whose mail could not be sent has a state of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """See the model `Code`."""

    dependencies = [("emails", "0013_carriers_and_complaints")]

    operations = [
        migrations.AlterField(
            model_name="code",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "On its way"),
                    ("failed", "Not sent"),
                    ("sent", "Sent"),
                    ("used", "Used"),
                    ("replaced", "Replaced by a newer one"),
                ],
                default="waiting",
                max_length=8,
            ),
        ),
    ]
