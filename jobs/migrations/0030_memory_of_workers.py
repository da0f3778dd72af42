"""How much memory a worker has, and whether that is too much."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Old processes write neither."""

    dependencies = (("jobs", "0029_slots_kept_back"),)

    operations = (
        migrations.AddField(
            model_name="workerpresence",
            name="is_outgrown",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="workerpresence",
            name="memory_bytes",
            field=models.BigIntegerField(blank=True, null=True),
        ),
    )
