"""Changes of more jobs than a click can change name them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0051_schools_off"),
    ]

    operations = [
        migrations.AddField(
            model_name="bulkchange",
            name="ids",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
    ]
