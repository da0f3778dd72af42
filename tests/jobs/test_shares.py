"""A school that was away starts level with those who have work in the lane, however it comes back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobs import lifecycle
from jobs.claiming import Claim, claim
from jobs.models import Breaker, BreakerState, Job, JobState, Part, PartState, School, Share
from jobs.settings import switchyard
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


@pytest.mark.django_db(transaction=True)
def test_open_transaction_around_a_submission_keeps_none_of_the_schools_parts_waiting(
    steps: Any, school: School
) -> None:
    steps.submit(school, 1)
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        steps.submit(school, 1, key="second")
        assert pool.submit(claim_one).result(timeout=20) is not None


@pytest.mark.django_db(transaction=True)
def test_two_first_submissions_of_a_school_at_once_share_one_share(steps: Any, school: School) -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            steps.submit(school, 1)
            other = pool.submit(in_thread, steps.submit, school, 1, key="second")
        assert other.result(timeout=20).is_new
    assert Share.objects.filter(school=school).count() == 1


def claim_one() -> Claim | None:
    return in_thread(claim, lane=switchyard().lanes[MAIL], worker="test", now=timezone.now())


def in_thread(call: Any, *given: Any, **options: Any) -> Any:
    """Make the call in a thread, whose connection of its own is closed afterwards."""
    try:
        return call(*given, **options)
    finally:
        connection.close()
