"""Whether a relay offers PIPELINING is known to who speaks to it, and nobody else asks.

The column stays for workers of the version before, with a default for those of this one.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("emails", "0014_codes_that_failed"),
    ]

    operations = [
        migrations.AlterField(
            model_name="relayoffer", name="pipelining", field=models.BooleanField(db_default=False)
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="relayoffer", name="pipelining")]
        ),
    ]
