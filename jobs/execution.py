"""Answering a doorbell: claim a part, run its verb, end it under the fence."""

import random
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.utils import timezone

from jobs import ending
from jobs.claiming import Claim, claim
from jobs.leases import Hold, PartTaken, keeper
from jobs.models import Job, Part, Step
from jobs.progress import Progress
from jobs.registry import Kind, kind_named
from jobs.retries import PermanentFailure, TemporaryFailure
from jobs.settings import switchyard

log = structlog.get_logger()

UNEXPECTED = "Something went wrong on our side; the people who run the platform can see the details."


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


def answer(*, lane: str, worker: str) -> bool:
    """Do the next part of the lane and return whether there was one.

    The part ends in one of four ways: done, failed for good, to be tried again, or taken from us
    (then nothing is written). May run a part that another worker half did: see `Kind.work`.
    """
    held = claim(lane=switchyard().lanes[lane], worker=worker, now=timezone.now())
    if held is None:
        return False
    _run(held)
    return True


def _run(held: Claim) -> None:
    part = held.part
    kind = kind_named(part.job.kind)
    deadline = timezone.now() + timedelta(seconds=kind.time_limit_seconds)
    started = time.monotonic()
    with keeper.holding(Hold(claim=held, deadline=deadline)) as hold:
        working = Working(part=part, hold=hold)
        try:
            plans = _run_verb(kind=kind, part=part, working=working)
        except PartTaken:
            log.info("part_taken", job=part.job_id, part=part.pk, kind=kind.name)
        except PermanentFailure as error:
            ending.fail(held, seconds=time.monotonic() - started, error=str(error), progress=working.progress)
        except TemporaryFailure as error:
            _retry(held, kind=kind, seconds=time.monotonic() - started, error=str(error), working=working)
        except Exception:
            log.exception("part_crashed", job=part.job_id, part=part.pk, kind=kind.name)
            _retry(held, kind=kind, seconds=time.monotonic() - started, error=UNEXPECTED, working=working)
        else:
            ending.complete(held, seconds=time.monotonic() - started, plans=plans, progress=working.progress)


def _run_verb(*, kind: Kind, part: Part, working: Working) -> ending.Plans:
    if part.step == Step.PLAN:
        return list(kind.plan(part.job))
    if part.step == Step.FINISH:
        kind.finish(part.job)
    else:
        kind.work(working)
    return None


def _retry(held: Claim, *, kind: Kind, seconds: float, error: str, working: Working) -> None:
    attempt = held.part.attempt
    if kind.retry.allows_another(attempt=attempt):
        delay = kind.retry.delay_seconds(attempt=attempt, chance=random.SystemRandom())
        ending.try_again(held, seconds=seconds, error=error, delay_seconds=delay)
    else:
        ending.fail(held, seconds=seconds, error=error, progress=working.progress)
