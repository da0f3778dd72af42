"""A job moves with all that is idle of it; what is at work goes back between two units and follows."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import ending, execution, lifecycle, losing, moving, returning
from jobs.claiming import claim
from jobs.leases import HandedBack, Hold
from jobs.models import Job, Part, PartState, School, Share
from jobs.progress import Progress
from jobs.settings import switchyard
from jobs.testing import heard_doorbells, make_person, run_parts


def aside(job: Job, *, to: str = "bulk") -> bool:
    return moving.move_aside(job, to=to, why="It is slow.", now=timezone.now())


def test_moved_job_is_done_in_its_new_lane_and_counts_there(
    steps: Any, school: School, django_capture_on_commit_callbacks: Any
) -> None:
    job = steps.submit(school, 1, 1, 1)
    with heard_doorbells() as heard, django_capture_on_commit_callbacks(execute=True):
        assert aside(job)
    assert heard == [("bulk", "tests.steps", 1)]
    assert run_parts(lane="mail") == 0
    run_parts(lane="bulk")
    job.refresh_from_db()
    assert job.state == "done"
    assert set(Part.objects.values_list("lane", flat=True)) == {"bulk"}
    assert Share.objects.get(lane="bulk", school=school).used_seconds > 0


def test_part_at_work_goes_back_between_two_units_and_follows_its_job(steps: Any, school: School) -> None:
    job = steps.submit(school, 5)
    run_parts_of_plan(job)
    now = timezone.now()
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=now)
    assert held is not None
    hold = Hold(claim=held, now=now, limit=timedelta(minutes=5), grace=timedelta())
    aside(job)
    hold.extend(now=now)
    with pytest.raises(HandedBack):
        hold.check()
    hold.check_patience(now=now + timedelta(minutes=1))
    assert returning.hand_back(held, seconds=2, progress=Progress(part=held.part, fence=held.fence))
    part = Part.objects.get(pk=held.part.pk)
    assert (part.state, part.lane, part.attempt) == (PartState.WAITING, "bulk", 0)


def test_part_at_work_is_finished_where_it_is_when_its_job_moves_back(steps: Any, school: School) -> None:
    job = steps.submit(school, 5)
    run_parts_of_plan(job)
    aside(job)
    now = timezone.now()
    held = claim(lane=switchyard().lanes["bulk"], worker="test", now=now)
    assert held is not None
    moving.move_back(job, by=None, why="", now=now)
    hold = Hold(claim=held, now=now, limit=timedelta(minutes=5), grace=timedelta())
    hold.extend(now=now)
    hold.check()
    progress = Progress(part=held.part, fence=held.fence)
    assert ending.complete(held, seconds=1, progress=progress)


def run_parts_of_plan(job: Job) -> None:
    """Let the job be planned and nothing more."""
    assert execution.answer(lane=job.lane, worker="test")


def test_lost_part_of_a_moved_job_is_offered_in_the_new_lane(steps: Any, school: School) -> None:
    job = steps.submit(school, 5)
    held = claim(lane=switchyard().lanes["mail"], worker="lost", now=timezone.now())
    assert held is not None
    aside(job)
    assert losing.lose(held.part, now=timezone.now())
    assert Part.objects.get().lane == "bulk"


def test_retried_job_is_done_in_the_lane_that_it_was_moved_to(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    aside(job)
    lifecycle.stop(job, by=None)
    job.parts.update(lane="mail")
    lifecycle.retry(job, by=None)
    assert set(job.parts.values_list("lane", flat=True)) == {"bulk"}


def test_job_moves_once_and_an_ended_one_not_at_all(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    stale = Job.objects.get(pk=job.pk)
    assert aside(job)
    assert not aside(stale)
    lifecycle.stop(job, by=None)
    with pytest.raises(moving.CannotMove, match="has ended"):
        moving.move_back(job, by=None, why="", now=timezone.now())
    other = steps.submit(school, 1, key="two")
    with pytest.raises(moving.CannotMove, match="it is in the lane mail"):
        moving.move_back(other, by=None, why="", now=timezone.now())
    with pytest.raises(moving.CannotMove, match="is not held"):
        moving.let_move(other, by=make_person(school=school), now=timezone.now())


def test_held_and_delayed_parts_move_too(steps: Any, school: School) -> None:
    job = steps.submit(school, 1, not_before=timezone.now() + timedelta(hours=1))
    aside(job)
    assert Part.objects.get().lane == "bulk"
