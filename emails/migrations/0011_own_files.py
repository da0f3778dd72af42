"""Files that go with one student's mail only."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("emails", "0010_windows"),
        ("jobs", "0021_detours_seen"),
    ]

    operations = [
        migrations.AddField(
            model_name="mailing",
            name="has_own_files",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="mailing",
            name="leaves_lacking_out",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="OwnFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("student_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="jobs.storedfile"
                    ),
                ),
                (
                    "mailing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="own_files",
                        to="emails.mailing",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="jobs.school"
                    ),
                ),
            ],
            options={
                "ordering": ("name",),
                "indexes": [models.Index(fields=["mailing", "student_id"], name="own_file_of_student")],
                "constraints": [
                    models.UniqueConstraint(fields=("mailing", "name"), name="own_file_is_one_of_its_name")
                ],
            },
        ),
    ]
