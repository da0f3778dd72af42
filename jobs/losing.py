"""Parts whose worker is gone: they are offered again, and one that ended three workers is set aside."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jobs import advancing, settling
from jobs.amounts import count_units
from jobs.claiming import Claim
from jobs.measures import PARTS_ENDED
from jobs.models import AttemptOutcome, Part, PartState, Step, WorkerPresence
from jobs.presence import PRESENT
from jobs.registry import Kind, UnknownKind, kind_named, unit_of
from jobs.returning import put_back
from jobs.settings import switchyard

MOST_DEATHS = 3
GONE = _("No sign of life came from the worker any more.")
CHILD_GONE = _("The process that did it ended or stood still; the worker was there a moment before.")
POISON = _("{part} ended {deaths} workers, the last of them {worker}, and was set aside.")


def take_back(part: Part, *, now: datetime) -> bool:
    """Offer a part again whose worker was asked to end and did not hand it back in time. Say if we won.

    That was no death: a part that takes long is not to blame for how often its workers are replaced.
    """
    return _end(
        part,
        now=now,
        outcome=AttemptOutcome.HANDED_BACK,
        counts_as="handed_back",
        attempt=F("attempt") - 1,
    )


def how_its_lease_ended(part: Part, *, now: datetime) -> str:
    """Say what is known of a worker that did not extend the lease of `part` any more."""
    there = WorkerPresence.objects.filter(name=part.worker, beat_at__gt=now - PRESENT)
    return str(CHILD_GONE if there.exists() else GONE)


def lose(part: Part, *, now: datetime, how: str = "") -> bool:
    """Offer a part again whose worker was lost; set it aside as poison after the third. Say if we won.

    `how` it was lost is kept with the attempt, as a sentence.
    """
    deaths = part.deaths + 1
    error = ""
    if deaths >= MOST_DEATHS:
        error = POISON.format(part=_named(part, kind=part.job.kind), deaths=deaths, worker=part.worker)
    return _end(
        part,
        now=now,
        outcome=AttemptOutcome.LOST,
        counts_as="lost",
        how=how,
        error=error,
        deaths=deaths,
    )


def refuse(part: Part, *, error: str, now: datetime) -> bool:
    """Fail a part for good that needs too much memory, with the sentence `error`. Say if we won."""
    return _end(
        part, now=now, outcome=AttemptOutcome.OVER_MEMORY, counts_as="stopped", how=error, error=error
    )


def _end(
    part: Part,
    *,
    now: datetime,
    outcome: AttemptOutcome,
    counts_as: str,
    how: str = "",
    error: str = "",
    **changes: object,
) -> bool:
    """End an attempt at a part that nobody works on any more; with an `error` the part fails for good.

    Where it does not, as there is none or its job has ended, the attempt `counts_as` that other end.
    """
    with transaction.atomic():
        job = settling.lock_job(part)
        left = Part.objects.filter(pk=part.pk, fence=part.fence, state=PartState.WORKING)
        has_failed = bool(error) and not job.has_ended
        if not has_failed:
            won = put_back(left, job=job, ready_at=now, now=now, fence=F("fence") + 1, **changes)
        else:
            won = bool(
                left.update(
                    state=PartState.FAILED,
                    leased_until=None,
                    ended_at=now,
                    fence=F("fence") + 1,
                    units_failed=F("units") - F("units_done"),
                    error=error,
                    **changes,
                )
            )
        if won:
            _settle_share(part, is_death=outcome != AttemptOutcome.HANDED_BACK)
            settling.note_attempt(part, outcome=outcome, error=how, now=now)
        if won and has_failed:
            advancing.fail(job, part=part, done=part.units_done, error=error)
    if won:
        PARTS_ENDED.add(part.lane, job.kind, "failed" if has_failed else counts_as)
    return won


def _settle_share(part: Part, *, is_death: bool) -> None:
    """Let the part count what its worker told last that it took; a death as much as a part should, at least.

    A school whose parts end their workers at once would else go before all others.
    """
    lane = switchyard().lanes.get(part.lane)
    if lane is None:
        return
    seconds = max(part.worked_seconds, lane.part_seconds if is_death else 0)
    held = Claim(part=part, fence=part.fence, charged_seconds=lane.part_seconds)
    settling.settle_share(held, seconds=seconds)


def _named(part: Part, *, kind: str) -> str:
    """Return which part of its job it is: `The part that plans it`, `The part with 25 documents`."""
    if part.step == Step.WORK:
        return gettext("The part with {units}").format(units=count_units(part.units, unit_of(kind)))
    if part.step == Step.PLAN:
        return gettext("The part that plans it")
    try:
        does = kind_named(kind).finish_does
    except UnknownKind:  # its app is gone
        does = Kind.finish_does
    return gettext("The part that {does}").format(does=does)
