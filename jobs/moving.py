"""Moving a job to its lane's slow companion and back: one guarded UPDATE, with the reason written down."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext

from jobs import lifecycle, publishing, shares
from jobs.models import IDLE_STATES, Detour, Job, PartState, Person
from jobs.presence import slots_in
from jobs.settings import switchyard

log = structlog.get_logger()


class CannotMove(Exception):
    """The job is not where it would be moved from, or it has ended."""


def move_aside(job: Job, *, to: str, why: str, now: datetime) -> bool:
    """Move the open job from its lane to the slow companion `to`; return whether this call did it.

    What is at work goes back between two units and goes on there; a job that a person pinned stays.
    """
    home = job.lane
    with transaction.atomic():
        if Detour.objects.filter(job=job, is_pinned=True).exists():
            return False
        if not _move(job, to=to, what="moved aside", by=None, why=why, now=now):
            return False
        figures = {"home": home, "lane": to, "is_aside": True, "why": why, "moved_at": now}
        _, is_new = Detour.objects.get_or_create(job=job, defaults=figures)
        if not is_new:
            Detour.objects.filter(job=job).update(**figures, moves=F("moves") + 1)
    return True


def move_back(job: Job, *, by: Person | None, why: str, now: datetime) -> None:
    """Move the job back to the lane it came from; when a person does it, it is not moved by itself again.

    Raises:
        CannotMove: it is not aside, has ended, or the lane it came from is gone.
    """
    with transaction.atomic():
        detour = Detour.objects.filter(job=job, is_aside=True).first()
        if detour is None or detour.home not in switchyard().lanes:
            message = gettext("“{job}” cannot be moved back: it is in the lane {lane}.").format(
                job=job, lane=job.lane
            )
            raise CannotMove(message)
        if not _move(job, to=detour.home, what="moved back", by=by, why=why, now=now):
            message = gettext("“{job}” cannot be moved back: it has ended, or was moved meanwhile.").format(
                job=job
            )
            raise CannotMove(message)
        Detour.objects.filter(job=job).update(is_aside=False, is_pinned=by is not None, moved_at=now)


def move_to(job: Job, *, lane: str, by: Person | None, why: str, now: datetime) -> None:
    """Move the open job to another lane, where it stays until a person moves it.

    Raises:
        CannotMove: it has ended, or was moved meanwhile.
    """
    with transaction.atomic():
        if not _move(job, to=lane, what="moved", by=by, why=why, now=now):
            message = gettext("“{job}” cannot be moved: it has ended, or was moved meanwhile.").format(
                job=job
            )
            raise CannotMove(message)
        Detour.objects.filter(job=job).delete()
        if companion := switchyard().lanes[lane].slow_companion:
            Detour.objects.create(
                job=job, home=lane, lane=companion, is_aside=False, is_pinned=True, why=why, moved_at=now
            )


def let_move(job: Job, *, by: Person, now: datetime) -> None:
    """Let a job that a person moved back be moved by itself again.

    Raises:
        CannotMove: nobody pinned it.
    """
    if not Detour.objects.filter(job=job, is_pinned=True).update(is_pinned=False, moved_at=now):
        message = gettext("“{job}” is not held in its lane.").format(job=job)
        raise CannotMove(message)
    lifecycle.note(job, "may move", by=by, now=now)


def _move(job: Job, *, to: str, what: str, by: Person | None, why: str, now: datetime) -> bool:
    """Change the lane of the job and of its idle parts, if it is still open and in the lane we know."""
    before = job.lane
    # Job, then share, then parts: the order in which submission and the end of a part lock them.
    if not Job.objects.filter(pk=job.pk, lane=before, ended_at=None).update(lane=to):
        return False
    shares.join(lane=to, school_id=job.school_id)
    idle = job.parts.filter(state__in=IDLE_STATES)
    idle.update(lane=to)
    lifecycle.note(job, what, by=by, why=why, now=now)
    waiting = idle.filter(state=PartState.WAITING).count()
    publishing.ring_on_commit(
        lane=to, kind=job.kind, parts=min(waiting, slots_in(switchyard().lanes[to], now=now))
    )
    job.lane = to
    log.info("job_moved", job=job.pk, kind=job.kind, lane=to, lane_before=before, by_person=by is not None)
    return True
