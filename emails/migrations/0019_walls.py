"""PostgreSQL keeps schools apart: see docs/decisions/0024."""

from django.db import migrations

from jobs.walling import wall, wall_by

OWN = (
    "emails_attachment",
    "emails_attachmentpolicy",
    "emails_code",
    "emails_download",
    "emails_linkedfile",
    "emails_mailing",
    "emails_ownfile",
    "emails_recipient",
    "emails_suppression",
)


class Migration(migrations.Migration):
    atomic = False  # as in jobs

    dependencies = [
        ("jobs", "0049_walls"),
        ("emails", "0018_asked_to_send"),
    ]

    operations = [
        wall(*OWN),
        wall_by("jobs_person", column="person_id", tables=("emails_passwordlink",)),
    ]
