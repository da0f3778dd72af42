"""PostgreSQL keeps schools apart: see docs/decisions/0024."""

from django.db import migrations

from jobs.walling import wall, wall_by

OWN = (
    "uploads_application",
    "uploads_employer",
    "uploads_fileshape",
    "uploads_outcome",
    "uploads_pickup",
    "uploads_releasechange",
    "uploads_student",
    "uploads_studentdocument",
    "uploads_upload",
    "uploads_vacancy",
)


class Migration(migrations.Migration):
    atomic = False  # as in jobs

    dependencies = [
        ("jobs", "0049_walls"),
        ("uploads", "0009_release_changes"),
    ]

    operations = [
        wall(*OWN),
        wall_by("uploads_upload", column="upload_id", tables=("uploads_correction", "uploads_summary")),
    ]
