"""A job that was moved aside comes back also when a limit there lets it do little at a time."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs.models import Detour, Job, Part, School
from jobs.testing import make_school
from tests.jobs.slow_jobs import LATER, be_slow, watch

pytestmark = pytest.mark.usefixtures("slow_companion")

STAY = timedelta(seconds=61)


@pytest.fixture
def job(steps: Any, school: School) -> Job:
    """Return a job that was moved aside, with nothing of it at work."""
    job = be_slow(steps, school)
    assert watch(now=timezone.now() + LATER) == 1
    job.parts.filter(state="working").update(state="failed", leased_until=None)
    return Job.objects.get(pk=job.pk)


def do(job: Job, *, until: datetime, parts: int, unit_seconds: float, every_seconds: float = 1) -> None:
    """Let so many parts of two units have been done one after the other, the last a moment before `until`."""
    Part.objects.bulk_create(
        Part(
            job=job,
            school=job.school,
            lane=job.lane,
            step="work",
            state="done",
            attempt=1,
            fence=1,
            units=2,
            units_done=2,
            seconds=2 * unit_seconds,
            ready_at=until,
            ended_at=until - timedelta(seconds=0.5 + number * every_seconds),
        )
        for number in range(parts)
    )


def moved_at(job: Job) -> datetime:
    return Detour.objects.get(job=job).moved_at


def test_quick_job_under_a_limit_comes_back_after_its_stay(job: Job) -> None:
    at = moved_at(job) + STAY
    do(job, until=at, parts=30, unit_seconds=0.02)
    assert watch(now=at - timedelta(seconds=11)) == 0, "not at once"
    assert watch(now=at) == 1
    job.refresh_from_db()
    assert job.lane == "mail"
    assert Detour.objects.get(job=job).lately.startswith("It took about as long as usual")


def test_quick_job_comes_back_however_much_others_did_in_the_lane(steps: Any, job: Job) -> None:
    at = moved_at(job) + STAY
    do(job, until=at, parts=30, unit_seconds=0.02)
    other = steps.submit(make_school(), 1, key="other")
    other.lane = job.lane
    do(other, until=at, parts=520, unit_seconds=0.02, every_seconds=0.01)
    assert watch(now=at) == 1


def test_job_under_a_limit_that_is_still_slow_stays(job: Job) -> None:
    at = moved_at(job) + 5 * STAY
    do(job, until=at, parts=30, unit_seconds=0.5, every_seconds=8)
    assert watch(now=at) == 0
    assert Job.objects.get(pk=job.pk).lane == "bulk"


def test_few_quick_units_prove_nothing(job: Job) -> None:
    at = moved_at(job) + STAY
    do(job, until=at, parts=9, unit_seconds=0.02)
    assert watch(now=at) == 0


def test_what_was_done_before_the_move_proves_nothing(job: Job) -> None:
    at = moved_at(job) + STAY
    do(job, until=at, parts=9, unit_seconds=0.02)
    do(job, until=moved_at(job), parts=9, unit_seconds=0.02)
    assert watch(now=at) == 0


def test_job_that_was_quick_and_is_slow_again_stays(job: Job) -> None:
    at = moved_at(job) + STAY
    do(job, until=at - timedelta(seconds=15), parts=30, unit_seconds=0.02)
    do(job, until=at, parts=2, unit_seconds=1)
    assert watch(now=at) == 0


def test_job_that_was_slow_and_is_quick_by_now_comes_back(job: Job) -> None:
    at = moved_at(job) + 2 * STAY
    do(job, until=at - timedelta(seconds=31), parts=30, unit_seconds=1)
    do(job, until=at, parts=30, unit_seconds=0.02)
    assert watch(now=at) == 1


def test_job_with_a_part_that_reports_nothing_stays(job: Job) -> None:
    at = moved_at(job) + STAY
    do(job, until=at, parts=30, unit_seconds=0.02)
    silent = job.parts.filter(state="waiting").first()
    assert silent is not None
    Part.objects.filter(pk=silent.pk).update(
        state="working", claimed_at=at - timedelta(seconds=4.5), fence=1, units=1, leased_until=at
    )
    assert watch(now=at) == 0
    Part.objects.filter(pk=silent.pk).update(units=200)
    assert watch(now=at) == 1, "it may need so long for so much"


def test_job_that_comes_back_and_is_slow_again_stays_away_longer(job: Job) -> None:
    Detour.objects.filter(job=job).update(moves=2)
    at = moved_at(job) + STAY
    do(job, until=at, parts=30, unit_seconds=0.02)
    assert watch(now=at) == 0
    at += STAY
    do(job, until=at, parts=30, unit_seconds=0.02)
    assert watch(now=at) == 1
