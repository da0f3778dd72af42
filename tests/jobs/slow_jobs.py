"""Jobs that are far slower than usual, for the tests of what becomes of them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from jobs import pacing
from jobs.claiming import Claim, claim
from jobs.models import Cost, Job, Part, School
from jobs.settings import switchyard

LATER = timedelta(seconds=20)
"""When enough was seen of a job that began now."""


def watch(*, now: datetime, **options: Any) -> int:
    """Let the workers tell how long their parts took so far, as they do each second, and look at the jobs."""
    for part in Part.objects.filter(state="working"):
        assert part.claimed_at is not None
        part.worked_seconds = max(0.0, (now - part.claimed_at).total_seconds())
        part.save(update_fields=["worked_seconds"])
    return pacing.watch(now=now, **options)


def know(*, seconds: float, units: int = 1000) -> None:
    """Let the kind's cost be known."""
    Cost.objects.update_or_create(
        kind="tests.steps",
        defaults={"unit_seconds": seconds, "units": units, "learned_at": timezone.now()},
    )


def take(lane: str = "mail", *, now: datetime | None = None) -> Claim:
    """Claim the next part that works."""
    held = claim(lane=switchyard().lanes[lane], worker="test", now=now or timezone.now())
    assert held is not None
    return held


def planned(steps: Any, school: School, *units: int, key: str = "one") -> Job:
    """Submit a job and let it be planned at once."""
    job: Job = steps.submit(school, *units, key=key, units=sum(units))
    job.parts.update(step="work", units=units[0], arguments={"place": 0})
    plan = job.parts.get()
    Part.objects.bulk_create(
        Part(job=job, school=school, lane=job.lane, units=each, ready_at=plan.ready_at) for each in units[1:]
    )
    Job.objects.filter(pk=job.pk).update(parts_open=len(units))
    job.refresh_from_db()
    return job


def be_slow(steps: Any, school: School, *, key: str = "one", now: datetime | None = None) -> Job:
    """Let a job have two parts at work that take 30 times as long as usual, and others that wait."""
    job = planned(steps, school, 200, 200, 200, 200, key=key)
    for _ in range(2):
        held = take(now=now)
        Part.objects.filter(pk=held.part.pk).update(units_done=33)
    return job
