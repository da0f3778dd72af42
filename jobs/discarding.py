"""Throwing away what jobs left behind that failed or were stopped, once nothing of them is at work."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef

from jobs.models import BAD_ENDS, Job, Part, PartState
from jobs.registry import UnknownKind, kind_named

log = structlog.get_logger()

MOST_JOBS = 100
"""Jobs that one sweep looks at; the next one takes the others."""


def discard_left_behind(*, now: datetime) -> int:
    """Let the kinds of ended jobs throw away what is left of them, and return for how many jobs."""
    at_work = Part.objects.filter(job=OuterRef("pk"), state=PartState.WORKING)
    left = Job.objects.filter(state__in=BAD_ENDS, discarded_at=None).exclude(Exists(at_work))
    ids = left.order_by("pk").values_list("pk", flat=True)[:MOST_JOBS]
    return sum(_discard(pk, now=now) for pk in list(ids))


def _discard(pk: int, *, now: datetime) -> bool:
    """Discard one job, with its row locked: a retry comes before it, or after it and finds nothing left."""
    with transaction.atomic():
        left = Job.objects.filter(pk=pk, state__in=BAD_ENDS, discarded_at=None)
        job = left.select_for_update(skip_locked=True).first()
        if job is None or job.parts.filter(state=PartState.WORKING).exists():
            return False
        _ask_kind(job)
        return bool(Job.objects.filter(pk=pk).update(discarded_at=now))


def _ask_kind(job: Job) -> None:
    """Call the kind's `discard`; one that fails is told in the log and not asked again, as nobody waits."""
    try:
        with transaction.atomic():
            kind_named(job.kind).discard(job)
    except UnknownKind:
        log.info("nothing_discarded", job=job.pk, kind=job.kind)
    except Exception:
        log.exception("discard_failed", job=job.pk, kind=job.kind)
