from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0034_kept_lanes_began_at"),
    ]

    operations = [
        migrations.AlterField(
            model_name="attempt",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("failed", "Failed"),
                    ("again", "Tried again later"),
                    ("over time", "Took longer than its time limit"),
                    ("over memory", "Needed more memory than a part may take"),
                    ("lost", "Its worker was lost"),
                    ("handed back", "Its worker was asked to end"),
                ],
                max_length=12,
            ),
        ),
    ]
