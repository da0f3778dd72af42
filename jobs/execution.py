"""Answering a doorbell: claim a part, run its verb, end it under the fence."""

import time
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from django.utils import timezone

from jobs import ending, failing, planning
from jobs.claiming import Claim, claim
from jobs.leases import HandedBack, Hold, PartTaken, keeper
from jobs.models import Job, Part, Step
from jobs.progress import Progress
from jobs.registry import Kind, kind_named
from jobs.runners import Runner, inline
from jobs.settings import switchyard

log = structlog.get_logger()


class Working:
    """The part as the kind's `work` sees it: see `jobs.registry.WorkingPart`."""

    def __init__(self, *, part: Part, hold: Hold) -> None:
        """Show `part`, held by `hold`."""
        self._part = part
        self._hold = hold
        self.progress = Progress(part=part, fence=hold.claim.fence)

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
        """Raise `PartTaken` when the job was stopped or the lease lost."""
        self._hold.check()

    def report(self, *, done: int, failed: int = 0) -> None:
        """Note the part's units done and failed so far; pages see it within a second."""
        self.progress.note(done=done, failed=failed)


def answer(*, lane: str, worker: str, runner: Runner = inline) -> bool:
    """Do the next part of the lane and return whether there was one.

    The part ends in one of five ways: done, failed for good, to be tried again, handed back, or
    taken from us (then nothing is written). May run a part that another worker half did: see
    `Kind.work`. `runner` decides what happens to a verb that does not end.
    """
    held = claim(lane=switchyard().lanes[lane], worker=worker, now=timezone.now())
    if held is None:
        return False
    _run(held, runner=runner)
    return True


def _run(held: Claim, *, runner: Runner) -> None:
    part, kind = held.part, kind_named(held.part.job.kind)
    hold = Hold(
        claim=held,
        now=timezone.now(),
        limit=timedelta(seconds=kind.time_limit_seconds),
        grace=timedelta(seconds=switchyard().supervision.grace_seconds),
    )
    working = Working(part=part, hold=hold)
    started = time.monotonic()
    with keeper.holding(hold):
        try:
            runner(partial(_run_verb, held, kind=kind, working=working), hold=hold)
        except PartTaken:
            log.info("part_taken", job=part.job_id, part=part.pk, kind=kind.name)
        except HandedBack:
            ending.hand_back(held, seconds=time.monotonic() - started)
        except Exception as error:  # noqa: BLE001  (each way to fail is told apart and logged there)
            failing.end(
                held, kind=kind, error=error, seconds=time.monotonic() - started, progress=working.progress
            )
        else:
            ending.complete(held, seconds=time.monotonic() - started, progress=working.progress)


def _run_verb(held: Claim, *, kind: Kind, working: Working) -> None:
    if held.part.step == Step.PLAN:
        planning.plan(held, kind.plan(held.part.job))
    elif held.part.step == Step.FINISH:
        kind.finish(held.part.job)
    else:
        kind.work(working)
