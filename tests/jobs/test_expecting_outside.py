"""Nothing is expected of a job that waits for an outside service, and nothing is told of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from jobs import supervision, telling
from jobs.claiming import claim
from jobs.drafting import Request
from jobs.expecting import attach_expected, reckon
from jobs.foreseeing import foresee
from jobs.models import (
    Breaker,
    Cost,
    Detour,
    Job,
    LaneTrust,
    Part,
    PartState,
    School,
    ToldTime,
    WorkerPresence,
)
from jobs.moments import UNKNOWN
from jobs.settings import switchyard
from jobs.standings import standing_of
from jobs.testing import make_person, make_school, run_parts

FAILS = "The relay does not answer."
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _known(steps: Any) -> None:
    """Two workers in the lane mail, and a kind that takes a tenth of a second for a unit."""
    now = timezone.now()
    until = now + timedelta(days=1)
    WorkerPresence.objects.create(name="mail@here", lane="mail", slots=2, started_at=now, beat_at=until)
    Cost.objects.create(kind="tests.steps", unit_seconds=0.1, units=100, learned_at=now)


@pytest.fixture
def job(steps: Any, school: School) -> Job:
    """A job of three parts, of which both workers have one."""
    job: Job = steps.submit(school, 10, 10, 10)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)
    for _ in range(2):
        take()
    job.refresh_from_db()
    return job


def take() -> None:
    assert claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now()) is not None


def be_silent(seconds: float = 40, *, parts: int = 2) -> None:
    """Let the workers of so many parts tell that the relay has not answered them for so long."""
    at_work = Part.objects.filter(state=PartState.WORKING).order_by("pk").values("pk")[:parts]
    Part.objects.filter(pk__in=list(at_work.values_list("pk", flat=True))).update(
        asks="the relay", asks_seconds=seconds
    )


def close(job: Job, *, state: str = "open") -> Part:
    """Let the relay's breaker be open, and a part of the job wait for it; return that."""
    now = timezone.now()
    retry_at = now + timedelta(seconds=9)
    Breaker.objects.create(
        name="relay:a:25", state=state, failures=5, last_failure=FAILS, opened_at=now, retry_at=retry_at
    )
    part = job.parts.filter(state=PartState.WORKING).order_by("pk")[0]
    Part.objects.filter(pk=part.pk).update(
        state=PartState.DELAYED, waits_for="relay:a:25", ready_at=retry_at, leased_until=None
    )
    return part


def is_expected(job: Job) -> bool:
    """Say whether an end is expected of it, as its page, the lists and the record of what is told agree."""
    now = timezone.now()
    attach_expected([job], now=now)
    ToldTime.objects.all().delete()
    telling.tell(now=now)
    said = {
        standing_of(job, now=now).expected_end is not None,
        job.expected is not UNKNOWN,
        ToldTime.objects.filter(job=job).exists(),
    }
    assert len(said) == 1
    return said.pop()


def why_unknown(job: Job) -> str:
    return standing_of(job, now=timezone.now()).end_is_unknown


def test_end_is_expected_while_the_service_answers(job: Job) -> None:
    assert is_expected(job)
    Job.objects.update(units_done=1)
    be_silent(14)
    assert is_expected(job)
    be_silent(40, parts=1)
    assert is_expected(job)


def test_nothing_is_expected_while_all_parts_at_work_are_silent(job: Job) -> None:
    be_silent()
    assert not is_expected(job)
    assert why_unknown(job).startswith("the relay has not answered since ")


def test_nothing_is_expected_before_the_relay_gives_up_on_its_own(job: Job) -> None:
    """A call ends after 30 seconds: until then the expected end would move on with each look."""
    be_silent(16)
    assert not is_expected(job)


def test_next_attempts_of_what_failed_make_no_end_known_for_a_moment(job: Job) -> None:
    Job.objects.update(units_done=1)
    be_silent(6)
    assert is_expected(job)
    last = job.parts.order_by("pk").last()
    job.parts.filter(pk=last.pk).update(
        state=PartState.DELAYED, attempt=1, error=FAILS, ready_at=timezone.now() + timedelta(seconds=5)
    )
    assert not is_expected(job)
    be_silent(1)  # a service that answers
    assert is_expected(job)


def test_second_attempt_makes_no_end_known_before_something_comes_through(job: Job) -> None:
    """What all wait for in vain is asked anew, by parts that know of no silence yet."""
    job.parts.filter(state=PartState.WORKING).update(attempt=2, error=FAILS)
    assert is_expected(job), "a part that asks nobody has a pace"
    job.parts.update(service="relay")
    assert not is_expected(job)
    assert why_unknown(job) == "it is being tried again, and nothing of it came through yet"
    Part.objects.filter(pk=job.parts.filter(state=PartState.WORKING).values("pk")[:1]).update(units_done=1)
    assert is_expected(job)


def test_move_to_the_slow_lane_makes_no_end_known_before_something_comes_through(job: Job) -> None:
    Detour.objects.create(job=job, home="bulk", lane="mail", is_aside=True, moved_at=timezone.now())
    assert is_expected(job), "a part that asks nobody has a pace"
    job.parts.update(service="relay")
    assert not is_expected(job)
    Job.objects.update(units_done=10)
    assert is_expected(Job.objects.get())


def test_short_silence_is_enough_where_nothing_came_through_yet(job: Job) -> None:
    be_silent(6)
    assert not is_expected(job)
    assert why_unknown(job).startswith("the relay has not answered since ")
    Job.objects.update(units_done=1)
    assert is_expected(Job.objects.get())


@pytest.mark.parametrize("state", ["open", "half-open"])
def test_nothing_is_expected_while_the_service_is_not_asked(job: Job, state: str) -> None:
    close(job, state=state)
    assert not is_expected(job)
    assert why_unknown(job).startswith("the relay does not answer, since ")


def test_unknown_end_says_since_when_and_when_the_service_is_asked_again(job: Job) -> None:
    with time_machine.travel(NOON, tick=False):
        be_silent(90)
        assert why_unknown(job) == "the relay has not answered since 11:58"
        close(job)
        Breaker.objects.update(opened_at=NOON - timedelta(minutes=5), retry_at=NOON + timedelta(minutes=5))
        assert why_unknown(job) == "the relay does not answer, since 11:55; it is tried again at 12:05"
        Breaker.objects.update(opened_at=NOON - timedelta(days=1), retry_at=NOON)
        said = "the relay does not answer, since 1 Mar, 12:00; it is tried again at any moment"
        assert why_unknown(job) == said
        Breaker.objects.update(state="half-open")
        assert why_unknown(job).endswith("; it is being tried again now")


def test_end_is_expected_again_once_the_breaker_closes(job: Job) -> None:
    close(job)
    Breaker.objects.update(state="closed")
    assert is_expected(job)


def test_part_that_tries_whether_the_service_works_does_not_make_an_end_known(job: Job) -> None:
    part = close(job)
    job.parts.exclude(pk=part.pk).update(state=PartState.DONE, leased_until=None, ready_at=timezone.now())
    supervision.wake_for_services(now=timezone.now() + timedelta(seconds=10))
    assert Part.objects.get(pk=part.pk).state == PartState.WAITING
    assert not is_expected(job)
    assert why_unknown(job).startswith("the relay does not answer, since ")
    take()
    assert Part.objects.get(pk=part.pk).state == PartState.WORKING
    assert not is_expected(job)


def test_nothing_is_expected_of_who_waits_for_workers_that_hang(steps: Any, job: Job) -> None:
    behind: Job = steps.submit(make_school(), 10, key="behind", units=10)
    assert is_expected(behind)
    be_silent()
    assert not is_expected(behind)
    assert why_unknown(behind) == "the relay does not answer, for which all workers of the lane wait"


def test_one_worker_that_does_not_hang_lets_others_expect_an_end(steps: Any, job: Job) -> None:
    behind: Job = steps.submit(make_school(), 10, key="behind", units=10)
    be_silent(parts=1)
    assert is_expected(behind)
    be_silent(parts=2)
    WorkerPresence.objects.update(slots=3)
    assert is_expected(behind)


@pytest.mark.usefixtures("job")
def test_job_that_is_not_submitted_yet_is_told_why_no_end_is_known() -> None:
    be_silent()
    school, work = make_school(), {"parts": [10]}
    asked = Request(kind="tests.steps", school=school, by=None, arguments=work, key="k", units=10)
    foreseen = foresee(asked, now=timezone.now())
    assert foreseen.expected is UNKNOWN
    assert foreseen.why_unknown == "the relay does not answer, for which all workers of the lane wait"


def test_page_says_that_the_end_is_not_known(client: Client, job: Job) -> None:
    client.force_login(make_person(school=job.school))
    be_silent()
    assert (
        "Not known yet: the relay has not answered since " in client.get(f"/jobs/{job.pk}/").content.decode()
    )


def test_service_that_is_merely_slow_has_a_pace_that_is_learned(job: Job) -> None:
    now = timezone.now()
    telling.tell(now=now)
    be_silent(10)
    telling.compare(now=now)
    assert ToldTime.objects.get(job=job).conditions_held


def test_what_was_told_before_a_service_went_silent_counts_but_teaches_nothing(job: Job) -> None:
    now = timezone.now()
    assert reckon([job], now=now)
    telling.tell(now=now)
    be_silent()
    telling.compare(now=now)
    later = now + timedelta(seconds=90)
    job.parts.update(state=PartState.DONE, leased_until=None)
    Job.objects.filter(pk=job.pk).update(state="done", ended_at=later)
    telling.compare(now=later)
    told = ToldTime.objects.get(job=job)
    assert (told.end_took is not None, told.conditions_held) == (True, False)
    assert not LaneTrust.objects.exclude(count=0).exists()
