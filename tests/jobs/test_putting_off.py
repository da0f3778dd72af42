"""Parts that their kind puts off until a time, which is no attempt."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import lifecycle
from jobs.expecting import attach_expected
from jobs.models import Attempt, Cost, Job, Part, School
from jobs.retries import NotNow
from jobs.standings import standing_of
from jobs.supervision import wake_delayed
from jobs.telling import compare, tell
from jobs.testing import be_present, run_parts

WHY = "It waits until 08:00: so its kind wants it."


@pytest.fixture
def put_off(steps: Any, school: School) -> Job:
    """A job that was planned, and whose only part is put off for nine hours."""
    be_present()
    Cost.objects.create(
        kind="tests.steps", unit_seconds=0.5, megabyte_seconds=1, units=100, learned_at=timezone.now()
    )
    job: Job = steps.submit(school, 40, units=40)
    steps.errors.append(NotNow(WHY, until=timezone.now() + timedelta(hours=9)))
    run_parts(lane="mail")
    job.refresh_from_db()
    return job


def part_of(job: Job) -> Part:
    return job.parts.get(step="work")


def test_part_waits_for_its_time_and_no_attempt_counts(put_off: Job, steps: Any) -> None:
    part = part_of(put_off)
    assert (part.state, part.attempt, part.is_put_off, part.error) == ("delayed", 0, True, WHY)
    assert not Attempt.objects.exists()
    assert wake_delayed(now=timezone.now() + timedelta(hours=8)) == 0
    assert wake_delayed(now=timezone.now() + timedelta(hours=10)) == 1
    run_parts(lane="mail")
    assert part_of(put_off).state == "done"
    assert len(steps.worked) == 1


def test_it_may_be_put_off_more_often_than_it_may_be_tried(put_off: Job, steps: Any) -> None:
    for _ in range(5):
        steps.errors.append(NotNow(WHY, until=timezone.now() + timedelta(hours=9)))
        wake_delayed(now=timezone.now() + timedelta(hours=10))
        run_parts(lane="mail")
    assert (part_of(put_off).state, part_of(put_off).attempt) == ("delayed", 0)


def test_page_says_why_and_expects_the_end_after_that_time(put_off: Job) -> None:
    now = timezone.now()
    standing = standing_of(put_off, now=now)
    assert standing.reason == WHY
    assert standing.expected_end
    assert standing.expected_end.earliest > now + timedelta(hours=8.9)


def test_it_takes_no_place_in_line_and_nothing_is_learned_of_the_wait(put_off: Job) -> None:
    attach_expected([put_off], now=timezone.now())
    assert put_off.expected.end is None
    assert tell(now=timezone.now() + timedelta(minutes=1)) == 0


def test_what_was_told_before_it_was_put_off_counts_for_nothing(steps: Any, school: School) -> None:
    be_present()
    Cost.objects.create(
        kind="tests.steps", unit_seconds=0.5, megabyte_seconds=1, units=100, learned_at=timezone.now()
    )
    job = steps.submit(school, 40, units=40)
    assert tell(now=timezone.now()) == 1
    steps.errors.append(NotNow(WHY, until=timezone.now() + timedelta(hours=9)))
    run_parts(lane="mail")
    compare(now=timezone.now())
    assert not job.told.exists()


def test_failed_attempt_afterwards_is_told_as_one(put_off: Job, steps: Any) -> None:
    steps.errors.append(OSError("away"))
    wake_delayed(now=timezone.now() + timedelta(hours=10))
    run_parts(lane="mail")
    part = part_of(put_off)
    assert (part.state, part.attempt, part.is_put_off) == ("delayed", 1, False)
    put_off.refresh_from_db()
    assert standing_of(put_off, now=timezone.now()).reason.startswith("Something went wrong on our side")


def test_paused_meanwhile_it_is_put_off_still_when_it_goes_on(put_off: Job) -> None:
    lifecycle.pause(put_off, by=None)
    put_off.refresh_from_db()
    lifecycle.resume(put_off, by=None)
    put_off.refresh_from_db()
    assert standing_of(put_off, now=timezone.now()).reason == WHY
