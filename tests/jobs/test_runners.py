"""A verb that does not end frees its slot, in time and with its reason."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from jobs import execution, lifecycle
from jobs.models import Attempt, Job, JobState, Part, PartState, School, WorkerPresence
from jobs.registry import Kind
from jobs.retries import RetryPolicy
from jobs.runners import PatientRunner
from jobs.submission import submit
from jobs.testing import kind_in_lane, wait_until
from jobs.verbs import WorkingPart

pytestmark = pytest.mark.django_db(transaction=True)


class Hanging(Kind):
    """Waits for an answer that does not come."""

    label = "Hanging"
    unit = "calls"
    time_limit_seconds = 1
    retry = RetryPolicy(attempts=1)
    answered: ClassVar[threading.Event]
    begun: ClassVar[threading.Event]
    checks: ClassVar[bool]
    hands: ClassVar[set[threading.Thread]] = set()

    def work(self, part: WorkingPart) -> None:
        self.hands.add(threading.current_thread())
        self.begun.set()
        while not self.answered.wait(0.05):
            if self.checks:
                part.check()
        connection.close()


@pytest.fixture
def job(school: School, settings: Settings) -> Iterator[Job]:
    """A job whose one part hangs until the test ends."""
    settings.SWITCHYARD = {
        **settings.SWITCHYARD,
        "supervision": {"lease_seconds": 0.8, "sweep_seconds": 1, "grace_seconds": 0.2},
    }
    Hanging.answered, Hanging.begun, Hanging.checks = threading.Event(), threading.Event(), False
    Hanging.time_limit_seconds = 1
    with kind_in_lane(Hanging, name="tests.hanging", lane="mail"):
        yield submit(kind="tests.hanging", school=school, by=None, arguments={}, key="one")
        Hanging.answered.set()


def answer(runner: PatientRunner, *, times: int = 1) -> threading.Thread:
    """Answer doorbells from a slot of its own."""

    def run() -> None:
        for _ in range(times):
            execution.answer(lane="mail", worker="mail@here-1", runner=runner)
        connection.close()

    slot = threading.Thread(target=run)
    slot.start()
    assert Hanging.begun.wait(timeout=10)
    return slot


def ended(slot: threading.Thread) -> bool:
    """Wait for the slot to be free."""
    slot.join(timeout=10)
    return not slot.is_alive()


def test_part_over_its_time_limit_frees_its_slot_and_is_named(job: Job) -> None:
    runner = PatientRunner(most=0)
    assert ended(answer(runner))
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.error == "It took longer than the 1 seconds that a part may take, and was ended."
    assert Attempt.objects.get().outcome == "over time"
    assert runner.is_spent


def test_work_that_ignores_a_stop_frees_its_slot_after_the_grace(job: Job) -> None:
    Hanging.time_limit_seconds = 60
    slot = answer(PatientRunner(most=1))
    lifecycle.stop(job, by=None)
    assert ended(slot)


def test_work_that_checks_ends_by_itself_when_its_job_is_stopped(job: Job) -> None:
    Hanging.time_limit_seconds, Hanging.checks = 60, True
    runner = PatientRunner(most=0)
    slot = answer(runner)
    lifecycle.stop(job, by=None)
    assert ended(slot)
    assert not runner.is_spent


def test_part_of_a_worker_that_was_asked_to_end_is_handed_back(job: Job, school: School) -> None:
    Hanging.time_limit_seconds, Hanging.checks = 60, True
    now = timezone.now()
    WorkerPresence.objects.create(name="mail@here-1", lane="mail", slots=1, started_at=now, beat_at=now)
    slot = answer(PatientRunner(most=0))
    WorkerPresence.objects.update(hand_back_at=now - timedelta(seconds=1))
    assert ended(slot)
    part = Part.objects.get()
    assert (part.state, part.attempt) == (PartState.WAITING, 0)
    assert Attempt.objects.get().outcome == "handed back"


def test_thread_of_a_slot_is_used_again_and_ends_with_it(school: School, settings: Settings) -> None:
    Hanging.answered, Hanging.begun, Hanging.checks = threading.Event(), threading.Event(), False
    Hanging.answered.set()
    Hanging.hands.clear()
    runner = PatientRunner(most=0)
    with kind_in_lane(Hanging, name="tests.hanging", lane="mail"):
        for number in range(3):
            submit(kind="tests.hanging", school=school, by=None, arguments={}, key=str(number))
        assert ended(answer(runner, times=3))
    assert Job.objects.filter(state=JobState.DONE).count() == 3
    [hand] = Hanging.hands
    wait_until(lambda: not hand.is_alive())
