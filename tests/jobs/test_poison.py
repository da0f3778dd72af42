"""A part whose workers are lost one after the other is set aside, and the rest of its job goes on."""

from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from jobs.claiming import claim
from jobs.crew import Crew, LostWorker
from jobs.fleet import free_lost
from jobs.models import JobState, PartState, School, Step, WorkerPresence
from jobs.settings import switchyard
from jobs.supervision import free_parts_of
from jobs.testing import run_parts


def lose_a_worker(name: str) -> None:
    """Claim the next part as the worker `name` and lose it."""
    now = timezone.now()
    assert claim(lane=switchyard().lanes["mail"], worker=name, now=now) is not None
    assert free_parts_of(worker=name, now=now) == 1


def test_part_is_set_aside_after_three_lost_workers_and_the_rest_goes_on(steps: Any, school: School) -> None:
    job = steps.submit(school, 2, 3)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)
    assert job.parts.filter(step=Step.WORK, state=PartState.WAITING).count() == 2
    for number in (1, 2, 3):
        lose_a_worker(f"worker {number}")
    run_parts(lane="mail")
    job.refresh_from_db()
    assert (job.state, job.units_done, job.units_failed) == (JobState.PROBLEMS, 3, 2)
    (poison,) = job.parts.filter(state=PartState.FAILED)
    assert poison.error == (
        "The part with 2 steps ended 3 workers, the last of them worker 3, and was set aside."
    )
    assert [attempt.outcome for attempt in poison.attempts.all()] == ["lost"] * 3


@pytest.mark.parametrize(("done", "what"), [(0, "The part that plans it"), (2, "The part that finishes it")])
def test_part_that_is_set_aside_and_ends_its_job_is_named_by_what_it_does(
    steps: Any, school: School, done: int, what: str
) -> None:
    job = steps.submit(school, 1)
    if done:
        with pytest.raises(AssertionError, match="still one"):
            run_parts(lane="mail", limit=done - 1)
    for number in (1, 2, 3):
        lose_a_worker(f"worker {number}")
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.error == f"{what} ended 3 workers, the last of them worker 3, and was set aside."


def test_worker_that_was_asked_to_end_and_killed_is_no_death_of_its_part(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    now = timezone.now()
    assert claim(lane=switchyard().lanes["mail"], worker="asked", now=now) is not None
    WorkerPresence.objects.create(
        name="asked", lane="mail", slots=1, started_at=now, beat_at=now, hand_back_at=now
    )
    crew = Crew(lanes=[], start=mock.Mock())
    crew.lost.put(LostWorker(name="asked", lane="mail", how="The worker was killed."))
    free_lost(crew)
    part = job.parts.get()
    assert (part.state, part.attempt, part.deaths) == (PartState.WAITING, 0, 0)
    assert [attempt.outcome for attempt in part.attempts.all()] == ["handed back"]
    assert not WorkerPresence.objects.exists()
