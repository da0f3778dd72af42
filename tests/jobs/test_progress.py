"""Progress is written once a second for each job and process, and for all of its parts."""

from collections.abc import Mapping
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobs import progress
from jobs.claiming import claim
from jobs.models import Part, School
from jobs.progress import Figures, Progress, Throttle, throttle_of
from jobs.settings import switchyard


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        """Start at nought."""
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def written() -> list[dict[int, int]]:
    """What was written: units done by part, one entry for each writing."""
    return []


@pytest.fixture
def throttle(clock: Clock, written: list[dict[int, int]]) -> Throttle:
    def write(figures: Mapping[int, Figures]) -> None:
        written.append({part: one.done for part, one in figures.items()})

    return Throttle(clock=clock, write=write)


def note(throttle: Throttle, part: int, done: int) -> None:
    throttle.note(part, Figures(fence=1, done=done, failed=0))


def test_many_reports_of_many_parts_become_one_writing_a_second(
    throttle: Throttle, clock: Clock, written: list[dict[int, int]]
) -> None:
    for hundredth in range(301):
        clock.now = hundredth / 100
        for part in range(8):
            note(throttle, part, hundredth)
    assert len(written) == 3


def test_part_that_reports_seldom_is_written_with_the_busy_ones(
    throttle: Throttle, clock: Clock, written: list[dict[int, int]]
) -> None:
    note(throttle, 1, 5)
    for done in range(50):
        note(throttle, 2, done)
    clock.now = 1.0
    note(throttle, 2, 50)
    assert written == [{1: 5, 2: 50}]


def test_part_without_news_is_not_written_again(
    throttle: Throttle, clock: Clock, written: list[dict[int, int]]
) -> None:
    note(throttle, 1, 5)
    for second in (1.0, 2.0):
        clock.now = second
        note(throttle, 2, int(second))
    assert written == [{1: 5, 2: 1}, {2: 2}]


def test_parts_of_one_job_share_a_throttle_and_jobs_do_not() -> None:
    first, second = throttle_of(1), throttle_of(1)
    assert first is second
    assert throttle_of(2) is not first


def test_progress_of_all_parts_is_written_in_one_statement_under_their_fences(
    steps: Any, school: School, clock: Clock, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = steps.submit(school, 10, 10, 10)
    lane = switchyard().lanes["mail"]
    plan = claim(lane=lane, worker="test", now=timezone.now())
    assert plan is not None
    progress_of = [Progress(part=plan.part, fence=plan.fence)]
    throttle = progress_of[0]._throttle
    monkeypatch.setattr(throttle, "clock", clock)
    monkeypatch.setattr(throttle, "written_at", 0.0)
    stale = Part.objects.create(
        job=job,
        school=school,
        lane="mail",
        state="working",
        leased_until=timezone.now() + timedelta(seconds=8),
        ready_at=timezone.now(),
        fence=7,
    )
    Progress(part=stale, fence=6).note(done=3, failed=0)
    clock.now = 1.0
    with django_assert_num_queries(1):
        progress_of[0].note(done=4, failed=1)
    plan.part.refresh_from_db()
    stale.refresh_from_db()
    assert (plan.part.units_done, plan.part.units_failed) == (4, 1)
    assert stale.units_done == 0


@pytest.fixture
def at_work(steps: Any, school: School, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Progress:
    """The progress of a claimed part, of which nothing was written for a second."""
    steps.submit(school, 10)
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert held is not None
    found = Progress(part=held.part, fence=held.fence)
    monkeypatch.setattr(found._throttle, "clock", clock)
    monkeypatch.setattr(found._throttle, "written_at", -1.0)
    return found


@pytest.mark.django_db(transaction=True)
def test_what_is_noted_within_a_transaction_holds_no_row_of_the_part(at_work: Progress) -> None:
    other = connection.copy()
    try:
        with transaction.atomic():
            at_work.note(done=4, failed=0)
            with other.cursor() as cursor:
                cursor.execute("SELECT units_done FROM jobs_part FOR UPDATE NOWAIT")
                assert cursor.fetchall() == [(0,)]
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_what_is_noted_within_a_transaction_is_seen_before_its_end(at_work: Progress) -> None:
    with transaction.atomic():
        at_work.note(done=4, failed=0)
        elsewhere = Thread(target=write_and_close)
        elsewhere.start()
        elsewhere.join(10)
        assert Part.objects.get().units_done == 4


def write_and_close() -> None:
    try:
        progress.write_noted()
    finally:
        connection.close()


def test_throttle_is_forgotten_with_the_last_part_of_its_job() -> None:
    throttle = throttle_of(77)
    assert 77 in progress._throttles
    del throttle
    assert 77 not in progress._throttles
