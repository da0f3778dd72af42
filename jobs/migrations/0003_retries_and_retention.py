"""What a retry revives and retires, what is thrown away after a bad end, and how long history is kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_history_and_states"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="discarded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="part",
            name="is_revived",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="school",
            name="history_days",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="part",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("delayed", "Waits for its time"),
                    ("held", "Held back"),
                    ("working", "Working"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("stopped", "Stopped"),
                    ("retired", "Replaced by a retry"),
                ],
                default="waiting",
                max_length=7,
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False)), fields=["ended_at"], name="job_ended"
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("discarded_at__isnull", True), ("state__in", ("failed", "stopped"))),
                fields=["id"],
                name="job_to_discard",
            ),
        ),
        migrations.AddConstraint(
            model_name="school",
            constraint=models.CheckConstraint(
                condition=models.Q(("history_days", None), ("history_days__gte", 1), _connector="OR"),
                name="school_history_is_positive",
            ),
        ),
    ]
