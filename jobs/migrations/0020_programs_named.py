"""Jobs and what happens to them carry the name of the token by which a program did it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0019_parts_put_off"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="program",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="jobevent",
            name="program",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
    ]
