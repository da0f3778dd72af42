"""PostgreSQL keeps schools apart: see docs/decisions/0024."""

from django.db import migrations

from jobs.walling import make_role, wall, wall_by

OWN = (
    "jobs_apitoken",
    "jobs_notification",
    "jobs_personevent",
    "jobs_storedfile",
    "jobs_typedform",
    "jobs_webhookdelivery",
    "jobs_webhookendpoint",
)
# From these a place in line and an expected time are reckoned: who is ahead, with how much, and by what share.
OF_THE_LINE = ("jobs_hold", "jobs_job", "jobs_part", "jobs_share")
OF_JOBS_IN_LINE = ("jobs_detour", "jobs_pace", "jobs_toldtime")


class Migration(migrations.Migration):
    # Claims use several of these tables, and must not meet who has locked one and waits for another.
    atomic = False

    dependencies = [
        ("jobs", "0048_duties"),
    ]

    operations = [
        make_role(),
        wall(*OWN),
        wall(*OF_THE_LINE, seen="true"),
        wall("jobs_bucket", seen="true", nobodys=True),
        wall("jobs_school", column="id", seen="true"),
        # Pages name who of operations did something.
        wall("jobs_person", seen="school_id IS NULL"),
        wall_by("jobs_job", column="job_id", tables=("jobs_jobevent",)),
        wall_by("jobs_job", column="job_id", tables=OF_JOBS_IN_LINE, seen="true"),
        wall_by("jobs_job", column="from_job_id", tables=("jobs_job_after",), seen="true"),
        wall_by("jobs_part", column="part_id", tables=("jobs_attempt",)),
        wall_by("jobs_person", column="person_id", tables=("jobs_familiarnetwork",)),
    ]
