"""A job that was moved aside keeps what was seen of its pace since."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0020_programs_named"),
    ]

    operations = [
        migrations.AddField(
            model_name="detour",
            name="lately",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="detour",
            name="seen_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
