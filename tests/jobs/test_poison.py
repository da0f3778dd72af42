"""A part whose workers are lost one after the other is set aside, and the rest of its job goes on."""

from typing import Any

import pytest
from django.utils import timezone

from jobs.claiming import claim
from jobs.models import JobState, PartState, School, Step
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
    assert poison.error == "It ended 3 workers, the last of them worker 3, and was set aside."
    assert [attempt.outcome for attempt in poison.attempts.all()] == ["lost"] * 3
