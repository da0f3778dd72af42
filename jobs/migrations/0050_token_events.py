"""What was done about tokens is written down, and only added to as the other records: see 0043."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from jobs.walling import wall


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0049_walls"),
    ]

    operations = [
        migrations.CreateModel(
            name="TokenEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("what", models.CharField(max_length=10)),
                ("why", models.CharField(blank=True, max_length=300)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="jobs.school",
                    ),
                ),
                (
                    "token",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="jobs.apitoken"
                    ),
                ),
            ],
            options={
                "ordering": ("-id",),
                "indexes": [models.Index(fields=["school", "-id"], name="token_event_of_school")],
            },
        ),
        wall("jobs_tokenevent"),
        migrations.RunSQL(
            """
            CREATE TRIGGER jobs_record_stays BEFORE UPDATE OR DELETE ON jobs_tokenevent
                FOR EACH ROW EXECUTE FUNCTION jobs_record_stays();
            """,
            reverse_sql="DROP TRIGGER jobs_record_stays ON jobs_tokenevent;",
        ),
    ]
