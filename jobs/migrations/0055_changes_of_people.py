"""Changes of people's roles can be taken back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0054_holds_come_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="personevent",
            name="change",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
