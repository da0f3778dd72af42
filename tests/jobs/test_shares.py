"""A school that was away starts level with those who have work in the lane, however it comes back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import lifecycle
from jobs.models import Breaker, BreakerState, Job, JobState, Part, PartState, School, Share
from jobs.supervision import wake_delayed
from jobs.testing import make_school

MAIL = "mail"
LEVEL = 100.0
SERVICE = "relay:127.0.0.1:25"


@pytest.fixture
def others(steps: Any, school: School) -> School:
    """A school with work waiting in the lane, which it has used for long."""
    other = make_school()
    steps.submit(other, 1)
    Share.objects.filter(school=other).update(used_seconds=LEVEL)
    return other


@pytest.fixture
def job(steps: Any, school: School) -> Job:
    """The only job of a school that has used nothing."""
    job: Job = steps.submit(school, 1)
    Share.objects.filter(school=school).update(used_seconds=0)
    return job


def used(school: School) -> float:
    return Share.objects.get(lane=MAIL, school=school).used_seconds


def test_school_with_a_job_that_is_retried_starts_level(job: Job, others: School) -> None:
    lifecycle.stop(job, by=None)
    lifecycle.retry(job, by=None)
    assert used(job.school) == LEVEL


def test_school_with_a_job_that_is_resumed_starts_level(job: Job, others: School) -> None:
    lifecycle.pause(job, by=None)
    lifecycle.resume(job, by=None)
    assert used(job.school) == LEVEL


def test_school_with_a_follower_that_is_set_free_starts_level(steps: Any, job: Job, others: School) -> None:
    steps.submit(job.school, 1, key="follower", after=[job])
    Part.objects.filter(job=job).update(state=PartState.DONE)
    Share.objects.filter(school=job.school).update(used_seconds=0)
    assert lifecycle.end(job, state=JobState.DONE)
    assert used(job.school) == LEVEL


def test_school_with_a_part_whose_time_has_come_starts_level(job: Job, others: School) -> None:
    Part.objects.filter(job=job).update(state=PartState.DELAYED)
    assert wake_delayed(now=timezone.now()) == 1
    assert used(job.school) == LEVEL


@pytest.mark.parametrize("state", [BreakerState.CLOSED, BreakerState.OPEN])
def test_school_with_a_part_whose_service_is_asked_again_starts_level(
    job: Job, others: School, state: BreakerState
) -> None:
    now = timezone.now()
    Breaker.objects.create(name=SERVICE, state=state, opened_at=now, retry_at=now)
    Part.objects.filter(job=job).update(state=PartState.DELAYED, waits_for=SERVICE)
    assert wake_delayed(now=now) == 1
    assert used(job.school) == LEVEL


def test_school_that_has_work_waiting_keeps_what_it_has_over_others(
    steps: Any, job: Job, others: School
) -> None:
    steps.submit(job.school, 1, key="second", not_before=timezone.now() + timedelta(hours=1))
    assert wake_delayed(now=timezone.now() + timedelta(hours=2)) == 1
    assert used(job.school) == 0


def test_parts_of_a_lane_that_the_settings_lost_keep_no_other_from_being_woken(
    job: Job, others: School
) -> None:
    Part.objects.filter(school=others).update(lane="gone", state=PartState.DELAYED)
    Part.objects.filter(job=job).update(state=PartState.DELAYED)
    assert wake_delayed(now=timezone.now()) == 2
