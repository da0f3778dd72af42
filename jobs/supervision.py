"""Supervision: what was lost is found again, and every lane with work is rung."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from jobs import (
    discarding,
    drawing,
    holds,
    lifecycle,
    losing,
    pruning,
    publishing,
    ringing,
    roster,
    shares,
)
from jobs.alone import only_one
from jobs.models import Breaker, BreakerState, Job, JobState, Part, PartState, Sweep, WorkerPresence
from jobs.settings import switchyard

log = structlog.get_logger()

MOST_AT_ONCE = 10_000
"""Parts or jobs that one sweep looks at, at most; the next one goes on."""
SWEEP_LOCK = 0x5357_4545  # "SWEE": any number that nothing else in the database locks
OVERDUE = gettext_lazy("Its deadline passed before all of it was done.")
PRESENCE_KEPT = timedelta(minutes=5)


def sweep(*, now: datetime) -> None:
    """Look at all lanes once: free lost leases, ring what waits, forget workers and jobs long gone.

    Several supervisors may run; one sweeps at a time and the others return at once.
    """
    with only_one(SWEEP_LOCK) as is_ours:
        if not is_ours:
            return
        drawing.reckon_anew(switchyard(), now=now)
        free_lost_leases(now=now)
        wake_delayed(now=now)
        holds.lift_expired(now=now)
        end_overdue_jobs(now=now)
        depths = publishing.depths(switchyard().lanes)
        for lane, doorbells in depths.items():
            ringing.ring_waiting(lane=lane, doorbells=doorbells, now=now)
        WorkerPresence.objects.filter(beat_at__lt=now - PRESENCE_KEPT).delete()
        roster.forget_gone(before=now - PRESENCE_KEPT)
        discarding.discard_left_behind(now=now)
        pruning.pruner.take_turn(now=now)
        _write_down(depths, now=now)


def _write_down(doorbells: Mapping[str, int], *, now: datetime) -> None:
    newest = Sweep(at=now, doorbells=dict(doorbells))
    Sweep.objects.bulk_create(
        [newest], update_conflicts=True, unique_fields=["id"], update_fields=["at", "doorbells"]
    )


def free_lost_leases(*, now: datetime) -> int:
    """Offer parts again whose lease has ended, and return how many."""
    lost = Part.objects.filter(state=PartState.WORKING, leased_until__lt=now)
    return _lose(lost, now=now, how=partial(losing.how_its_lease_ended, now=now))


def free_parts_of(*, worker: str, now: datetime, how: str = "", was_asked: bool = False) -> int:
    """Offer the parts of `worker` again at once, because someone saw it end; return how many.

    They are handed back where it `was_asked` to end; its sign of life says so too, while it is there.
    Else `how` it ended is kept with what it was at, as a sentence.
    """
    asked = frozenset({worker} if was_asked else ())
    working = Part.objects.filter(state=PartState.WORKING, worker=worker)
    return _lose(working, now=now, how=lambda _: how, asked=asked)


def free_parts(claimed: Collection[tuple[int, int]], *, now: datetime, how: str) -> int:
    """Offer parts again at once, named by id and fence; return how many.

    Someone saw `how` the process that did them ended. They are handed back where its worker was asked to end.
    """
    return _lose(_named(claimed), now=now, how=lambda _: how)


def fail_part(
    claimed: tuple[int, int], *, beside: Collection[tuple[int, int]], error: str, now: datetime
) -> None:
    """Fail a part for good, named by id and fence, for which its process was ended, with a sentence.

    What that process had claimed `beside` it is offered again, as if that attempt had not been.
    """
    for part in _named([claimed]):
        losing.refuse(part, error=error, now=now)
    for part in _named(beside):
        losing.take_back(part, now=now)


def _named(claimed: Collection[tuple[int, int]]) -> QuerySet[Part]:
    """Return the parts with these ids and fences that are at work."""
    held = Q(pk__in=[])
    for part, fence in claimed:
        held |= Q(pk=part, fence=fence)
    return Part.objects.filter(held, state=PartState.WORKING)


def _lose(
    parts: QuerySet[Part],
    *,
    now: datetime,
    how: Callable[[Part], str],
    asked: frozenset[str] = frozenset(),
) -> int:
    asked |= set(WorkerPresence.objects.exclude(hand_back_at=None).values_list("name", flat=True))

    def free(part: Part) -> bool:
        if part.worker in asked:
            return losing.take_back(part, now=now)
        return losing.lose(part, now=now, how=how(part))

    freed = sum(free(part) for part in parts[:MOST_AT_ONCE])
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
        # It keeps what it waits for: so its job is still said to, while the service is tried.
        woken += _wake(asleep.filter(pk__in=probe), ready_at=now)
    return woken


def _wake(parts: QuerySet[Part], **changes: object) -> int:
    shares.join_with(parts)
    return parts.update(state=PartState.WAITING, **changes)


def end_overdue_jobs(*, now: datetime) -> int:
    """End the open jobs whose deadline has passed, and return how many."""
    overdue = Job.objects.filter(ended_at__isnull=True, deadline_at__lte=now)
    return sum(
        lifecycle.end(job, state=JobState.FAILED, error=str(OVERDUE)) for job in overdue[:MOST_AT_ONCE]
    )
