"""A packet may be parted into each student's own PDF too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("packets", "0003_page_counts"),
    ]

    operations = [
        migrations.AddField(
            model_name="packet",
            name="has_own_files",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
