"""A job tells when an outside service keeps it: one that does not answer, and one that is not asked now."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import holds, lifecycle
from jobs.claiming import claim
from jobs.holds import Target
from jobs.models import Breaker, BreakerState, Cost, HoldMode, HoldScope, Job, Part, PartState, Role, School
from jobs.settings import switchyard
from jobs.standings import standing_of
from jobs.testing import be_present, make_person, run_parts

pytestmark = pytest.mark.django_db
SILENT = "It waits for the relay, which has not answered for 12 seconds."
FAILS = "The relay does not answer."
GOES_ON = "the job goes on by itself once it works."


@pytest.fixture
def job(steps: Any, school: School) -> Job:
    """A job of three parts of ten units, of which two are at work."""
    be_present()
    job: Job = steps.submit(school, 10, 10, 10)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)
    for _ in range(2):
        assert claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now()) is not None
    return job


def at_work(job: Job) -> list[Part]:
    return list(job.parts.filter(state=PartState.WORKING).order_by("pk"))


def be_silent(*parts: Part, seconds: float = 12) -> None:
    """Let the workers of these parts tell that the relay has not answered them for so long."""
    for part in parts:
        Part.objects.filter(pk=part.pk).update(asks="the relay", asks_seconds=seconds)


def told(job: Job, *, after_seconds: float = 0) -> str:
    return standing_of(job, now=timezone.now() + timedelta(seconds=after_seconds)).reason


def close(job: Job, *, state: BreakerState = BreakerState.OPEN, retry_in: float = 9) -> None:
    """Let the relay's breaker be open, and the job's second part wait for it."""
    now = timezone.now()
    retry_at = now + timedelta(seconds=retry_in)
    Breaker.objects.create(
        name="relay:a:25", state=state, failures=5, last_failure=FAILS, opened_at=now, retry_at=retry_at
    )
    waits = {
        "state": PartState.DELAYED,
        "waits_for": "relay:a:25",
        "ready_at": retry_at,
        "leased_until": None,
    }
    Part.objects.filter(pk=at_work(job)[1].pk).update(**waits)


def test_service_is_named_that_answers_none_of_the_parts_at_work(job: Job) -> None:
    first, second = at_work(job)
    be_silent(first)
    assert told(job) == "It is being worked on now."
    be_silent(second, seconds=30)
    assert told(job) == SILENT


def test_silence_is_told_beside_what_a_part_usually_takes(job: Job) -> None:
    Cost.objects.create(kind="tests.steps", unit_seconds=0.3, units=100, learned_at=timezone.now())
    be_silent(*at_work(job))
    assert told(job) == f"{SILENT} Usually a whole part takes 3 seconds."


def test_answer_that_comes_within_a_few_seconds_is_nothing_to_tell(job: Job) -> None:
    be_silent(*at_work(job), seconds=4.9)
    assert told(job) == "It is being worked on now."


def test_part_that_is_claimed_again_asks_nobody_yet(job: Job) -> None:
    be_silent(*at_work(job))
    job.parts.filter(state=PartState.WORKING).update(state=PartState.WAITING, leased_until=None)
    for _ in range(2):
        assert claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now()) is not None
    assert told(job) == "It is being worked on now."


def test_service_that_is_not_asked_now_is_named_with_the_next_try(job: Job) -> None:
    close(job)
    assert told(job) == f"{FAILS} It is tried again in 9 seconds; {GOES_ON}"
    assert told(job, after_seconds=10) == f"{FAILS} It is tried again at any moment; {GOES_ON}"


def test_service_that_is_being_tried_is_said_to_be(job: Job) -> None:
    close(job, state=BreakerState.HALF_OPEN)
    be_silent(*at_work(job))
    assert told(job) == f"{FAILS} It is being tried again now; {GOES_ON}"


def test_service_that_works_again_is_no_reason(job: Job) -> None:
    close(job, state=BreakerState.CLOSED)
    assert told(job) == "It is being worked on now."


def test_who_paused_or_stopped_the_job_is_told_first(job: Job) -> None:
    close(job)
    be_silent(*at_work(job))
    lifecycle.pause(job, by=None)
    assert told(job).startswith("It is paused; 1 part at work is finished first")
    lifecycle.resume(job, by=None)
    lifecycle.stop(job, by=None)
    assert "1 part of it is finishing now" in told(job)


def test_hold_of_the_lane_is_told_beside_the_silence(job: Job) -> None:
    admin = make_person(role=Role.ADMIN)
    be_silent(*at_work(job))
    holds.put(Target(scope=HoldScope.LANE, name="mail"), mode=HoldMode.PAUSE, by=admin, why="Test")
    assert told(job).startswith(f"{SILENT} {admin.name} paused the lane mail")
