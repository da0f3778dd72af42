"""A mailing may be sent only between two times of the day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("emails", "0009_mailed_lately"),
    ]

    operations = [
        migrations.AddField(
            model_name="mailing",
            name="window_start",
            field=models.TimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="mailing",
            name="window_end",
            field=models.TimeField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="mailing",
            constraint=models.CheckConstraint(
                condition=models.Q(("window_end", None), ("window_start", None))
                | models.Q(
                    ("window_end__isnull", False),
                    ("window_start__isnull", False),
                    ("window_start__lt", models.F("window_end")),
                ),
                name="mailing_window_ends_after_it_starts",
            ),
        ),
    ]
