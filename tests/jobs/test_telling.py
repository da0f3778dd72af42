"""What jobs were told is kept, compared with what came true, and teaches the next range."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import lifecycle, telling
from jobs.models import Cost, Hold, Job, LaneTrust, School, ToldTime, WorkerPresence
from jobs.ranges import FEWEST, GUESS


@pytest.fixture(autouse=True)
def _known(steps: Any) -> None:
    """One worker in the lane mail, and a kind that takes a second for a unit."""
    now = timezone.now()
    until = now + timedelta(days=60)
    WorkerPresence.objects.create(name="mail@here", lane="mail", slots=1, started_at=now, beat_at=until)
    Cost.objects.create(kind="tests.steps", unit_seconds=1, units=100, learned_at=now)


def submitted(steps: Any, school: School, *, key: str = "one", at: datetime | None = None) -> Job:
    job: Job = steps.submit(school, 10, key=key, units=10)
    if at is not None:
        Job.objects.filter(pk=job.pk).update(created_at=at)
    return job


def end(job: Job, *, at: datetime, state: str = "done") -> None:
    Job.objects.filter(pk=job.pk).update(state=state, started_at=at, ended_at=at)


def test_job_is_told_at_once_and_then_whenever_its_age_has_doubled(steps: Any, school: School) -> None:
    now = timezone.now()
    submitted(steps, school, at=now)
    told = [telling.tell(now=now + timedelta(seconds=seconds)) for seconds in (0, 2, 9, 10, 19, 20, 39, 40)]
    assert told == [1, 0, 0, 1, 0, 1, 0, 1]


def test_truth_is_written_when_the_job_has_ended(steps: Any, school: School) -> None:
    now = timezone.now()
    job = submitted(steps, school)
    telling.tell(now=now)
    assert telling.compare(now=now) == 0
    end(job, at=now + timedelta(seconds=15))
    assert telling.compare(now=now) == 1
    told = ToldTime.objects.get()
    assert told.end_reckoned == pytest.approx(10, abs=0.1)
    assert (told.start_took, told.end_took) == (pytest.approx(15), pytest.approx(15))
    assert told.end_earliest <= told.end_likely <= told.end_latest


@pytest.mark.parametrize("state", ["failed", "stopped"])
def test_job_that_ended_badly_says_nothing_about_honesty(steps: Any, school: School, state: str) -> None:
    job = submitted(steps, school)
    telling.tell(now=timezone.now())
    end(job, at=timezone.now(), state=state)
    assert telling.compare(now=timezone.now()) == 0
    assert not ToldTime.objects.exists()


def test_job_that_was_paused_says_nothing_of_what_was_told_before(steps: Any, school: School) -> None:
    job = submitted(steps, school)
    telling.tell(now=timezone.now())
    lifecycle.pause(job, by=None)
    telling.compare(now=timezone.now())
    assert not ToldTime.objects.exists()


def test_held_job_is_told_nothing_and_what_it_was_told_is_void(steps: Any, school: School) -> None:
    submitted(steps, school)
    assert telling.tell(now=timezone.now()) == 1
    Hold.objects.create(scope="lane", name="mail", mode="pause", why="The relay moves.", at=timezone.now())
    telling.compare(now=timezone.now())
    assert not ToldTime.objects.exists()
    assert telling.tell(now=timezone.now()) == 0


def test_truths_teach_the_range_of_their_lane(steps: Any, school: School) -> None:
    now = timezone.now()
    for number in range(FEWEST):
        job = submitted(steps, school, key=f"{number}")
        telling.tell(now=now)
        end(job, at=now + timedelta(seconds=22))
    telling.compare(now=now)
    trust = LaneTrust.objects.get(lane="mail", what="end", has_begun=False)
    assert (trust.count, trust.middle) == (FEWEST, pytest.approx(2**0.5, rel=0.05))
    assert trust.high == pytest.approx(2, rel=0.05)
    job = submitted(steps, school, key="next")
    telling.tell(now=now)
    told = ToldTime.objects.get(job=job)
    assert told.end_likely == pytest.approx(15, rel=0.1)
    assert told.end_latest == pytest.approx(22, rel=0.1)


def test_limit_that_was_changed_makes_the_range_a_guess_until_enough_is_told_under_it(
    steps: Any, school: School
) -> None:
    now = timezone.now()

    def teach(*, name: str, jobs: int) -> float:
        """Let jobs take three times what is told, and return the end of the range that is told then."""
        for number in range(jobs):
            job = submitted(steps, school, key=f"{name}-{number}")
            telling.tell(now=now)
            end(job, at=now + timedelta(seconds=34))
        telling.compare(now=now)
        return LaneTrust.objects.get(lane="mail", what="end", has_begun=False).high

    assert teach(name="before", jobs=FEWEST) == pytest.approx(3, rel=0.05)
    given = settings.SWITCHYARD
    lanes = {**given["lanes"], "mail": {**given["lanes"]["mail"], "rate": 1000}}
    with override_settings(SWITCHYARD={**given, "lanes": lanes}):
        assert teach(name="after", jobs=FEWEST - 1) == GUESS.high
        assert teach(name="later", jobs=1) == pytest.approx(3, rel=0.05)


def test_honesty_is_told_by_lane_and_together(steps: Any, school: School) -> None:
    now = timezone.now()
    for number, seconds in enumerate((10, 12, 15, 100)):
        job = submitted(steps, school, key=f"{number}")
        telling.tell(now=now)
        end(job, at=now + timedelta(seconds=seconds))
    assert telling.honesty(since=now - timedelta(days=1)) == []
    telling.compare(now=now)
    mail, everything = telling.honesty(since=now - timedelta(days=1))
    assert (mail.lane, everything.lane, everything.told) == ("mail", "", 4)
    assert everything.inside == 0.75
    assert everything.median_error == pytest.approx(0.25, abs=0.02)
    assert telling.honesty(since=now + timedelta(days=1)) == []


def test_what_was_told_long_ago_is_deleted(steps: Any, school: School) -> None:
    submitted(steps, school)
    telling.tell(now=timezone.now())
    telling.compare(now=timezone.now() + timedelta(days=31))
    assert not ToldTime.objects.exists()


def test_look_is_bounded_and_costs_few_queries(
    steps: Any, school: School, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        submitted(steps, school, key=f"{number}")
    with django_assert_max_num_queries(7):
        assert telling.tell(now=timezone.now()) == telling.OLDEST + telling.NEWEST
