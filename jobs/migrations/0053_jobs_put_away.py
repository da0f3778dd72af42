"""Jobs that ended with problems can be put away."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0052_ordered_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="put_away_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
