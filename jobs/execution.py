"""Answering a doorbell: claim a part, run its verb, end it under the fence."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs import breakers, failing, planning, publishing, returning, ringing, walls
from jobs.ceilings import ceiling
from jobs.claiming import Claim, claim_many
from jobs.ending_together import Finished, complete_many
from jobs.insisting import Answer, insist
from jobs.lanes import Lane
from jobs.leases import HandedBack, Hold, PartTaken, TurnOver, keeper
from jobs.measures import CLAIM, PART_RUN, PART_WAIT
from jobs.models import Job, Part, Step
from jobs.progress import Progress
from jobs.registry import Kind, kind_named, kinds
from jobs.runners import Runner, inline
from jobs.settings import switchyard
from jobs.stints import stint

log = structlog.get_logger()

TURN_PARTS = 5
"""A part that goes on where it was gives its worker back after so many times what a part should take."""

UNKNOWN_SECONDS = 10
"""So long a part rests whose kind this release does not know."""
UNKNOWN = _("The platform is being upgraded: this waits for a worker of the other release.")


class Working:
    """The part as the kind's `work` sees it: see `jobs.verbs.WorkingPart`."""

    def __init__(self, *, part: Part, hold: Hold) -> None:
        """Show `part`, held by `hold`."""
        self._part = part
        self._hold = hold
        self.progress = Progress(part=part, fence=hold.claim.fence)
        self.visits = hold.visits
        self._reported: int | None = None
        self._has_gone_on = False

    @property
    def job(self) -> Job:
        """The job that the part belongs to."""
        return self._part.job

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What the plan wrote for this part."""
        return dict(self._part.arguments)

    @property
    def units(self) -> int:
        """How many units the part holds."""
        return self._part.units

    @property
    def attempt(self) -> int:
        """Which try this is, from 1."""
        return self._part.attempt

    def check(self) -> None:
        """Raise what ends the work between two units: see `jobs.verbs.WorkingPart`."""
        self._hold.check()
        if self._has_gone_on:
            self._hold.check_turn()

    def report(self, *, done: int, failed: int = 0) -> None:
        """Note the part's units done and failed so far; pages see it within a second."""
        units = done + failed
        self._has_gone_on |= self._reported is not None and units > self._reported
        self._reported = units
        self.progress.note(done=done, failed=failed)


def answer(*, lane: str, worker: str, runner: Runner = inline) -> bool:
    """Do the next part of the lane and return whether there was one; in a lane of tiny jobs, the next parts.

    A part ends done, failed for good, given back (to be tried again, put off, waiting for a service,
    handed back, or at the end of its turn), or taken from us (then nothing is written). May run a part that
    another worker half did: see `Kind.work`.
    `runner` decides what happens to a verb that does not end.
    """
    settings = switchyard().lanes[lane]
    claims = _claim(settings, worker=worker)
    with ExitStack() as stack:
        known = [held for held in claims if _knows(held)]
        holds = [stack.enter_context(keeper.holding(_hold(held, lane=settings))) for held in known]
        finished = [each for hold in holds if (each := _run(hold, lane=settings, runner=runner)) is not None]
        _insist(partial(complete_many, finished))
    return bool(claims)


def _claim(lane: Lane, *, worker: str) -> list[Claim]:
    """Claim, and note how long that took and how long the parts had waited."""
    now, began = timezone.now(), time.perf_counter()
    claims = claim_many(lane=lane, worker=worker, now=now, most=lane.claim_parts)
    CLAIM.observe(time.perf_counter() - began, lane.name)
    for held in claims:
        waited = max(0.0, (now - held.part.ready_at).total_seconds())
        PART_WAIT.observe(waited, lane.name, held.part.job.kind)
    return claims


def _knows(held: Claim) -> bool:
    """Say whether this process knows the part's kind; else leave it to those of another release.

    While a new release takes the place of ours, it may have kinds that we have not.
    """
    if held.part.job.kind in {kind.name for kind in kinds()}:
        return True
    log.warning("part_of_unknown_kind", job=held.part.job_id, part=held.part.pk, kind=held.part.job.kind)
    until = timezone.now() + timedelta(seconds=UNKNOWN_SECONDS)
    _insist(partial(returning.put_off, held, seconds=0, why=str(UNKNOWN), until=until))
    return False


def _hold(held: Claim, *, lane: Lane) -> Hold:
    kind = kind_named(held.part.job.kind)
    return Hold(
        claim=held,
        now=timezone.now(),
        limit=timedelta(seconds=kind.time_limit_seconds),
        grace=timedelta(seconds=switchyard().supervision.grace_seconds),
        turn=timedelta(seconds=TURN_PARTS * lane.part_seconds) if kind.goes_on else timedelta.max,
    )


def _run(hold: Hold, *, lane: Lane, runner: Runner) -> Finished | None:
    """Run the part's verb; end the part if it failed, and return it if it is to be ended as done."""
    held = hold.claim
    part, kind = held.part, kind_named(held.part.job.kind)
    working = Working(part=part, hold=hold)
    hold.begin(now=timezone.now())
    try:
        with ceiling.over(part=part.pk, fence=held.fence, megabytes=lane.part_megabytes):
            runner(partial(_run_verb, held, kind=kind, working=working), hold=hold)
    except PartTaken:
        log.info("part_taken", job=part.job_id, part=part.pk, kind=kind.name)
        _insist(partial(returning.leave, held, seconds=hold.worked_seconds))
    except TurnOver:
        end_turn = partial(returning.end_turn, held, seconds=hold.worked_seconds, progress=working.progress)
        if _insist(end_turn) and not ringing.swallows_doorbells(switchyard(), lane):
            publishing.ring(lane=lane.name, kind=kind.name)  # else whoever answered goes on, or rings
    except HandedBack:
        _insist(partial(returning.hand_back, held, seconds=hold.worked_seconds, progress=working.progress))
    except Exception as error:  # noqa: BLE001  (each way to fail is told apart and logged there)
        failing.log_once(held, kind=kind, error=error)
        seconds = hold.worked_seconds
        progress, visits = working.progress, working.visits
        _insist(
            partial(
                failing.end, held, kind=kind, error=error, seconds=seconds, progress=progress, visits=visits
            )
        )
    else:
        return Finished(held=held, seconds=hold.worked_seconds, progress=working.progress)
    finally:
        stint.count()
        PART_RUN.observe(hold.worked_seconds, part.lane, kind.name)
    return None


def _insist(write: Callable[[], Answer]) -> Answer:
    """Write how parts ended; a database that restarts within a lease's time costs no part its work."""
    return insist(write, seconds=switchyard().supervision.lease_seconds)


def _run_verb(held: Claim, *, kind: Kind, working: Working) -> None:
    school = None if kind.looks_at_all_schools else held.part.school_id
    with walls.around(school), breakers.noting(working.visits):
        if held.part.step == Step.PLAN:
            planning.plan(held, kind.plan(held.part.job))
        elif held.part.step == Step.FINISH:
            kind.finish_part(working)
        else:
            kind.work(working)
