from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0003_retries_and_retention"),
    ]

    operations = [
        migrations.CreateModel(
            name="Breaker",
            fields=[
                ("name", models.CharField(max_length=300, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("closed", "Works"),
                            ("open", "Does not work"),
                            ("half-open", "Is being tried"),
                        ],
                        default="closed",
                        max_length=9,
                    ),
                ),
                ("failures", models.PositiveIntegerField(default=0)),
                ("last_failure", models.TextField(blank=True)),
                ("pause_seconds", models.FloatField(default=0)),
                ("probe", models.PositiveBigIntegerField(default=0)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("retry_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("name",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "closed"),
                            models.Q(("opened_at__isnull", False), ("retry_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="breaker_that_is_not_closed_has_its_times",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="part",
            name="waits_for",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddIndex(
            model_name="part",
            index=models.Index(
                condition=models.Q(("state", "delayed"), models.Q(("waits_for", ""), _negated=True)),
                fields=["waits_for", "id"],
                name="part_waits_for_service",
            ),
        ),
    ]
