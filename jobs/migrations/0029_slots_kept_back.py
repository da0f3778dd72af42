"""A worker tells how many slots the memory that is kept free keeps back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0028_programs_that_scale"),
    ]

    operations = [
        migrations.AddField(
            model_name="workerpresence",
            name="slots_kept_back",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
