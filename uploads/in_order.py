"""One import or undoing of a school after the other, in the order in which they were asked for.

Two at once would wait for each other's rows. Who has to wait goes back in line, so that its worker is free
for other schools. Honest limit: one that is tried again after a failure may come behind a later one.
"""

from datetime import timedelta

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models import Job, Part, PartState
from jobs.retries import NotNow

KINDS = ("uploads.import", "uploads.undo")
LOCK_IF_FREE = "SELECT pg_try_advisory_xact_lock(hashtextextended('uploads.import', %(school)s))"
LOOK_AGAIN = timedelta(seconds=1)
BEHIND = _("Another import of the school is under way; this one begins when that is done.")


def hold_school(job: Job) -> None:
    """Let other imports of the job's school wait until the transaction ends.

    Raises:
        NotNow: another one is under way, or was asked for before and waits.
    """
    if _waits_before(job) or not _lock(job.school_id):
        raise NotNow(str(BEHIND), until=timezone.now() + LOOK_AGAIN)


def _waits_before(job: Job) -> bool:
    put_off = Part.objects.filter(is_put_off=True, state__in=(PartState.DELAYED, PartState.WAITING))
    return put_off.filter(job__school_id=job.school_id, job__kind__in=KINDS, job_id__lt=job.pk).exists()


def _lock(school_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(LOCK_IF_FREE, {"school": school_id})
        (is_ours,) = cursor.fetchone()
    return bool(is_ours)
