"""What was lost is found again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from pytest_django import Settings

from jobs import alone, publishing
from jobs.claiming import claim
from jobs.losing import CHILD_GONE, GONE
from jobs.models import JobState, Part, PartState, School, WorkerPresence
from jobs.ringing import ring_waiting
from jobs.settings import switchyard
from jobs.supervision import SWEEP_LOCK, free_lost_leases, sweep
from jobs.testing import heard_doorbells, run_parts, wait_until


def test_part_lost_by_its_worker_is_offered_again(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    now = timezone.now()
    assert claim(lane=switchyard().lanes["mail"], worker="dead", now=now) is not None
    assert free_lost_leases(now=now + timedelta(seconds=5)) == 0
    assert free_lost_leases(now=now + timedelta(seconds=11)) == 1
    run_parts(lane="mail")
    job.refresh_from_db()
    assert job.state == JobState.DONE


@pytest.mark.parametrize(("beat_seconds", "how"), [(None, GONE), (30, GONE), (1, CHILD_GONE)])
def test_attempt_says_what_is_known_of_a_worker_whose_lease_ended(
    steps: Any, school: School, beat_seconds: float | None, how: str
) -> None:
    job = steps.submit(school, 1)
    now = timezone.now()
    assert claim(lane=switchyard().lanes["mail"], worker="dead", now=now) is not None
    later = now + timedelta(seconds=11)
    if beat_seconds is not None:
        beat_at = later - timedelta(seconds=beat_seconds)
        WorkerPresence.objects.create(name="dead", lane="mail", slots=1, started_at=now, beat_at=beat_at)
    free_lost_leases(now=later)
    assert job.parts.get().attempts.get().error == how


def test_lane_with_work_and_an_empty_queue_is_rung(steps: Any, school: School) -> None:
    for key in ("one", "two", "three"):
        steps.submit(school, 1, key=key)
    with heard_doorbells() as heard:
        assert ring_waiting(lane="mail", doorbells=0, now=timezone.now()) == 3
    assert heard == [("mail", "tests.steps", 3)]


def test_lane_with_a_doorbell_for_each_part_is_left_alone(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    with heard_doorbells() as heard:
        assert ring_waiting(lane="mail", doorbells=1, now=timezone.now()) == 0
    assert [bell for bell in heard if bell[2]] == []


def test_no_lane_is_rung_while_the_broker_does_not_answer(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    with mock.patch.object(publishing, "depths", return_value={}), heard_doorbells() as heard:
        sweep(now=timezone.now())
    assert heard == []


def test_doorbells_on_their_way_to_busy_workers_are_not_rung_twice(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    steps.submit(school, 1, key="two")
    now = timezone.now()
    claim(lane=switchyard().lanes["mail"], worker="busy", now=now)
    with heard_doorbells():
        assert ring_waiting(lane="mail", doorbells=0, now=now) == 0
        assert ring_waiting(lane="mail", doorbells=0, now=now + timedelta(seconds=5)) == 1


def test_free_slots_of_a_limited_lane_that_has_grown_are_all_rung(
    steps: Any, school: School, settings: Settings
) -> None:
    lanes = settings.SWITCHYARD["lanes"]
    mail = {**lanes["mail"], "workers": 2, "rate": 1000}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, "mail": mail}}
    now = timezone.now()
    WorkerPresence.objects.create(name="grown", lane="mail", slots=6, started_at=now, beat_at=now)
    for key in range(10):
        steps.submit(school, 1, key=str(key))
    for _ in range(2):
        claim(lane=switchyard().lanes["mail"], worker="grown", now=now)
    with heard_doorbells():
        assert ring_waiting(lane="mail", doorbells=1, now=now) == 3


def test_part_that_waits_for_its_next_attempt_is_not_rung(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    Part.objects.update(state=PartState.DELAYED, ready_at=timezone.now() + timedelta(minutes=1))
    assert ring_waiting(lane="mail", doorbells=0, now=timezone.now()) == 0


def test_sweep_looks_at_every_lane(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    now = timezone.now()
    WorkerPresence.objects.create(
        name="gone", lane="mail", slots=1, started_at=now, beat_at=now - timedelta(hours=1)
    )
    with (
        mock.patch.object(publishing, "depths", lambda lanes: dict.fromkeys(lanes, 0)),
        heard_doorbells() as heard,
    ):
        sweep(now=now)
    assert ("mail", "tests.steps", 1) in heard
    assert not WorkerPresence.objects.exists()
    assert Part.objects.get(job__kind="tests.steps").state == PartState.WAITING


@pytest.mark.django_db(transaction=True)
def test_supervisor_that_stands_still_keeps_no_other_from_sweeping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "FROZEN_AFTER", "200ms")
    is_frozen, is_over = threading.Event(), threading.Event()

    def freeze() -> None:
        try:
            with alone.only_one(SWEEP_LOCK) as is_ours:
                assert is_ours
                is_frozen.set()
                is_over.wait(timeout=60)
        finally:
            connection.close()

    def is_swept() -> bool:
        with alone.only_one(SWEEP_LOCK) as is_ours:
            return is_ours

    with ThreadPoolExecutor(1) as pool:
        frozen = pool.submit(freeze)
        assert is_frozen.wait(timeout=20)
        try:
            wait_until(is_swept, seconds=20)
        finally:
            is_over.set()
        assert isinstance(frozen.exception(timeout=20), DatabaseError)
