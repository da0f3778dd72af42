"""Saying that a job which ended with problems was seen to: home shows it no more among what needs attention.

It holds for all people of the school, and ends when the job is tried again. Nothing else of the job changes.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from jobs.models import TROUBLED_ENDS, Job, JobEvent, Person


def put_away(job: Job, *, by: Person, now: datetime) -> bool:
    """Note that somebody has seen to `job`; return whether this call did it."""
    is_shown = {"state__in": TROUBLED_ENDS, "put_away_at": None}
    return _set(job, put_away_at=now, only_if=is_shown, what="put away", by=by, now=now)


def show_again(job: Job, *, by: Person, now: datetime) -> bool:
    """Let `job` be shown among what needs attention again; return whether this call did it."""
    is_away = {"put_away_at__isnull": False}
    return _set(job, put_away_at=None, only_if=is_away, what="shown again", by=by, now=now)


def _set(
    job: Job,
    *,
    put_away_at: datetime | None,
    only_if: Mapping[str, object],
    what: str,
    by: Person,
    now: datetime,
) -> bool:
    with transaction.atomic():
        if not Job.objects.filter(pk=job.pk, **only_if).update(put_away_at=put_away_at):
            return False
        JobEvent.objects.create(job=job, at=now, what=what, by=by)
    job.put_away_at = put_away_at
    return True
