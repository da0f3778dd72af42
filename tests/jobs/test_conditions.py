"""What was told under conditions that did not hold to its end teaches nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import changing, holds, moving, staffing, telling
from jobs.models import Cost, HoldMode, HoldScope, Job, LaneTrust, Role, School, ToldTime, WorkerPresence
from jobs.testing import make_person

LATER = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def _known(steps: Any) -> None:
    """One worker in each of two lanes, and a kind that takes a second for a unit."""
    now = timezone.now()
    for lane in ("mail", "bulk"):
        until = now + timedelta(days=1)
        WorkerPresence.objects.create(name=f"{lane}@here", lane=lane, slots=1, started_at=now, beat_at=until)
    Cost.objects.update_or_create(kind="tests.steps", defaults={"unit_seconds": 1, "learned_at": now})


def came_true(steps: Any, school: School, *, meanwhile: Callable[[Job], object]) -> bool:
    """Tell a job of the lane mail its times, let it end after that, and say whether they taught the lane."""
    job: Job = steps.submit(school, 10, units=10)
    telling.tell(now=timezone.now())
    meanwhile(job)
    Job.objects.filter(pk=job.pk).update(state="done", ended_at=timezone.now() + LATER)
    telling.compare(now=timezone.now() + LATER)
    told = ToldTime.objects.get(job=job)
    assert told.end_took is not None
    assert LaneTrust.objects.get(lane="mail", what="end").count == told.conditions_held
    return told.conditions_held


def aside_and_back(job: Job) -> None:
    moving.move_aside(job, to="bulk", why="It is slow.", now=timezone.now())
    moving.move_back(job, by=None, why="It is fast.", now=timezone.now())


def hold_and_lift(lane: str) -> None:
    target = holds.Target(scope=HoldScope.LANE, name=lane)
    by = make_person(role=Role.ADMIN)
    holds.lift(holds.put(target, mode=HoldMode.PAUSE, by=by, why="The relay moves."), by=by)


def limit(**rates: float) -> None:
    lanes = {lane: {"rate": rate} for lane, rate in rates.items()}
    by = make_person(role=Role.ADMIN)
    changing.change(overrides={"lanes": lanes}, by=by, why="The relay is slow.", expecting=0)


def staff(lane: str) -> None:
    now = timezone.now()
    known = staffing.switchyard().lanes[lane]
    staffing.scale(known, workers=9, by=None, why="Much to do.", until=now + timedelta(hours=1), now=now)


def worker_comes(lane: str) -> None:
    now = timezone.now()
    WorkerPresence.objects.create(
        name=f"{lane}@there", lane=lane, slots=1, started_at=now, beat_at=now + LATER
    )


def worker_is_lost(lane: str) -> None:
    WorkerPresence.objects.filter(lane=lane).update(beat_at=timezone.now())


def test_told_time_under_which_nothing_changed_teaches(steps: Any, school: School) -> None:
    assert came_true(steps, school, meanwhile=lambda _: None)


@pytest.mark.parametrize("change", [hold_and_lift, staff, worker_comes, worker_is_lost])
def test_change_of_the_lane_voids_what_was_told_in_it(
    steps: Any, school: School, change: Callable[[str], None]
) -> None:
    assert not came_true(steps, school, meanwhile=lambda _: change("mail"))


@pytest.mark.parametrize("change", [hold_and_lift, staff, worker_comes, worker_is_lost])
def test_change_of_another_lane_voids_nothing(
    steps: Any, school: School, change: Callable[[str], None]
) -> None:
    assert came_true(steps, school, meanwhile=lambda _: change("bulk"))


def test_change_of_settings_voids_what_was_told_before_it(steps: Any, school: School) -> None:
    assert not came_true(steps, school, meanwhile=lambda _: limit(mail=1000))


@pytest.mark.usefixtures("slow_companion")
def test_job_that_was_moved_aside_and_back_teaches_nothing(steps: Any, school: School) -> None:
    assert not came_true(steps, school, meanwhile=aside_and_back)


@pytest.mark.usefixtures("slow_companion")
def test_move_of_another_job_voids_what_was_told_in_its_lanes(steps: Any, school: School) -> None:
    other = steps.submit(school, 10, key="other", units=10)
    assert not came_true(steps, school, meanwhile=lambda _: aside_and_back(other))


def test_what_teaches_nothing_still_counts_as_told(steps: Any, school: School) -> None:
    since = timezone.now()
    came_true(steps, school, meanwhile=lambda _: limit(mail=1000))
    assert telling.honesty(since=since)[0].told == 1
