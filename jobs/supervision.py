"""Supervision: what was lost is found again, and every lane with work is rung."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from django.db import connection
from django.db.models import Q, QuerySet

from jobs import discarding, ending, holds, lifecycle, observing, pruning, publishing, shares
from jobs.held import without_held
from jobs.models import Breaker, BreakerState, Hold, Job, JobState, Part, PartState, WorkerPresence
from jobs.settings import switchyard

log = structlog.get_logger()

MOST_RINGS = 10_000
"""Doorbells that one look at a lane sends at most; the next look sends more."""
SWEEP_LOCK = 0x5357_4545  # "SWEE": any number that nothing else in the database locks
OVERDUE = "Its deadline passed before all of it was done."
PRESENCE_KEPT = timedelta(minutes=5)
QUIET = timedelta(seconds=2)
"""A lane with claimable parts and no claim for this long is rung, whatever the broker says."""


def sweep(*, now: datetime) -> None:
    """Look at all lanes once: free lost leases, ring what waits, forget workers and jobs long gone.

    Several supervisors may run; one sweeps at a time and the others return at once.
    """
    with _only_one() as is_ours:
        if not is_ours:
            return
        free_lost_leases(now=now)
        wake_delayed(now=now)
        holds.lift_expired(now=now)
        end_overdue_jobs(now=now)
        for lane, doorbells in publishing.depths(switchyard().lanes).items():
            ring_waiting(lane=lane, doorbells=doorbells, now=now)
        WorkerPresence.objects.filter(beat_at__lt=now - PRESENCE_KEPT).delete()
        observing.observer.take_turn(now=now)
        discarding.discard_left_behind(now=now)
        pruning.pruner.take_turn(now=now)


def free_lost_leases(*, now: datetime) -> int:
    """Offer parts again whose lease has ended, and return how many."""
    return _lose(Part.objects.filter(state=PartState.WORKING, leased_until__lt=now), now=now)


def free_parts_of(*, worker: str, now: datetime) -> int:
    """Offer the parts of `worker` again at once, because someone saw it end; return how many."""
    return _lose(Part.objects.filter(state=PartState.WORKING, worker=worker), now=now)


def _lose(parts: QuerySet[Part], *, now: datetime) -> int:
    freed = sum(ending.lose(part, now=now) for part in parts[:MOST_RINGS])
    if freed:
        log.warning("leases_freed", parts=freed)
    return freed


def wake_delayed(*, now: datetime) -> int:
    """Let the parts wait in line whose time has come, and return how many."""
    due = Part.objects.filter(state=PartState.DELAYED, waits_for="", ready_at__lte=now)
    return _wake(due) + wake_for_services(now=now)


def wake_for_services(*, now: datetime) -> int:
    """Let the parts wait in line whose outside service works again, and one part to probe each that is due.

    Returns how many. Thousands may wait for a service: only one of them has to find out.
    """
    closed_to_work = Breaker.objects.exclude(state=BreakerState.CLOSED)
    asleep = Part.objects.filter(state=PartState.DELAYED).exclude(waits_for="")
    woken = _wake(asleep.exclude(waits_for__in=closed_to_work.values("name")), ready_at=now, waits_for="")
    for service in closed_to_work.filter(retry_at__lte=now).values_list("name", flat=True):
        probe = asleep.filter(waits_for=service).order_by("id").values("id")[:1]
        woken += _wake(asleep.filter(pk__in=probe), ready_at=now, waits_for="")
    return woken


def _wake(parts: QuerySet[Part], **changes: object) -> int:
    shares.join_with(parts)
    return parts.update(state=PartState.WAITING, **changes)


def end_overdue_jobs(*, now: datetime) -> int:
    """End the open jobs whose deadline has passed, and return how many."""
    overdue = Job.objects.filter(ended_at__isnull=True, deadline_at__lte=now)
    return sum(lifecycle.end(job, state=JobState.FAILED, error=OVERDUE) for job in overdue[:MOST_RINGS])


def ring_waiting(*, lane: str, doorbells: int, now: datetime) -> int:
    """Ring the lane for claimable parts beyond the `doorbells` in its queue, and return how often.

    A doorbell may be lost with the broker, may have come before its part was ready, or may have met
    a limit. While claims go on, as many doorbells as workers may be on their way unseen.
    """
    settings = switchyard().lanes[lane]
    waiting = Part.objects.filter(lane=lane, state=PartState.WAITING).order_by()
    waiting = without_held(waiting, holds=list(Hold.objects.all()), is_vital=settings.is_vital)
    first = waiting.select_related("job").first()
    if first is None:
        return 0
    on_their_way = settings.workers if _claimed_lately(lane=lane, now=now) else 0
    # At its limit a lane swallows doorbells: a few are enough to find out when it may go on.
    most = MOST_RINGS if settings.rate is None else settings.workers
    claimable: int = waiting[:most].count()
    missing = max(0, publishing.doorbells_for(claimable, lane=lane) - doorbells - on_their_way)
    publishing.ring(lane=lane, kind=first.job.kind, times=missing)
    return missing


def _claimed_lately(*, lane: str, now: datetime) -> bool:
    lately = Q(state=PartState.WORKING) | Q(state=PartState.DONE, ended_at__gte=now - QUIET)
    return Part.objects.filter(lately, lane=lane, claimed_at__gte=now - QUIET).exists()


@contextmanager
def _only_one() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SWEEP_LOCK])
        (is_ours,) = cursor.fetchone()
        try:
            yield bool(is_ours)
        finally:
            if is_ours:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [SWEEP_LOCK])
