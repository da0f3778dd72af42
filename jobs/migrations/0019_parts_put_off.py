"""A kind may put a part off until a time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0018_kind_of_parts"),
    ]

    operations = [
        migrations.AddField(
            model_name="part",
            name="is_put_off",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
