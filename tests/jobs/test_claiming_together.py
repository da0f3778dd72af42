"""Many workers claim at once, on connections of their own."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobs import claiming
from jobs.claiming import Claim, claim
from jobs.models import Part, School, Share
from jobs.settings import switchyard
from jobs.testing import make_school, wait_until

BLOCKED = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def claim_one(worker: str, **changes: Any) -> Claim | None:
    """Claim a part of the lane mail with `changes` to its settings."""
    lane = replace(switchyard().lanes["mail"], **changes)
    return claim(lane=lane, worker=worker, now=timezone.now())


def claim_all(worker: str, **changes: Any) -> list[tuple[int, int]]:
    """Claim until nothing is left; return the school and part ids, in order."""
    claimed = []
    try:
        while held := claim_one(worker, **changes):
            claimed.append((held.part.school_id, held.part.pk))
    finally:
        connection.close()
    return claimed


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_at_once_take_each_part_once(steps: Any, school: School) -> None:
    schools = [school, make_school(), make_school()]
    for of_school in schools:
        for number in range(30):
            steps.submit(of_school, 1, key=str(number))
    with ThreadPoolExecutor(6) as pool:
        claimed = list(pool.map(claim_all, [f"worker {number}" for number in range(6)]))
    parts = [part for of_worker in claimed for _, part in of_worker]
    assert len(parts) == len(set(parts)) == 90
    assert set(Share.objects.filter(lane="mail").values_list("used_seconds", flat=True)) == {60.0}


def is_blocked() -> bool:
    """Say whether anyone waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(BLOCKED)
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_claim_that_waited_for_a_school_without_parts_left_serves_another(steps: Any, school: School) -> None:
    other = make_school()
    steps.submit(school, 1)
    steps.submit(other, 1)
    Share.objects.filter(school=other).update(used_seconds=5)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert claim_one("first") is not None
            Share.objects.select_for_update().get(school=other)
            following = pool.submit(claim_all, "second")
            wait_until(is_blocked)
        assert [school_id for school_id, _ in following.result(timeout=20)] == [other.pk]


def submit_of_many_units(steps: Any, school: School, *, jobs: int) -> None:
    """Submit jobs whose part draws more on a limit than it gives in a minute."""
    for number in range(jobs):
        steps.submit(school, 1, key=str(number))
    Part.objects.update(units=100)


@pytest.mark.parametrize("limit", [{"rate": 1}, {"school_rate": 1}, {"school_workers": 1}])
@pytest.mark.django_db(transaction=True)
def test_claim_that_waited_for_one_that_closed_the_limit_takes_nothing(
    steps: Any, school: School, limit: dict[str, float]
) -> None:
    submit_of_many_units(steps, school, jobs=3)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert claim_one("first", **limit) is not None
            following = pool.submit(claim_all, "second", **limit)
            wait_until(is_blocked)
        assert following.result(timeout=20) == []
    assert Part.objects.filter(state="working").count() == 1
    assert Share.objects.get().used_seconds == switchyard().lanes["mail"].part_seconds


@pytest.mark.django_db(transaction=True)
def test_claims_for_two_schools_at_once_do_not_both_pass_the_lanes_limit(steps: Any, school: School) -> None:
    other = make_school()
    submit_of_many_units(steps, school, jobs=1)
    submit_of_many_units(steps, other, jobs=1)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert claim_one("first", rate=1) is not None
            following = pool.submit(claim_all, "second", rate=1)
            wait_until(is_blocked)
        assert following.result(timeout=20) == []
    assert Part.objects.filter(state="working").count() == 1


@pytest.mark.django_db(transaction=True)
def test_claim_that_met_one_schools_closed_limit_serves_another(steps: Any, school: School) -> None:
    other = make_school()
    submit_of_many_units(steps, school, jobs=2)
    submit_of_many_units(steps, other, jobs=1)
    Share.objects.filter(school=other).update(used_seconds=50)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert claim_one("first", school_rate=1) is not None
            Share.objects.select_for_update().get(school=other)
            following = pool.submit(claim_all, "second", school_rate=1)
            wait_until(is_blocked)
        assert [school_id for school_id, _ in following.result(timeout=20)] == [other.pk]


@contextmanager
def stopped_in_a_transaction(call: Callable[[], object]) -> Iterator[None]:
    """Let another session hold what `call` locked within the block, as a process that was stopped would."""
    is_in_hand, is_over = threading.Event(), threading.Event()

    def stop() -> None:
        try:
            with transaction.atomic():
                call()
                is_in_hand.set()
                is_over.wait(timeout=60)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        stopped = pool.submit(stop)
        assert is_in_hand.wait(timeout=20)
        try:
            yield
        finally:
            is_over.set()
            stopped.exception(timeout=20)


def lock_share(school: School) -> None:
    Share.objects.select_for_update().get(school=school)


@pytest.mark.django_db(transaction=True)
def test_session_stopped_within_its_claim_gives_the_school_back(
    steps: Any, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "FROZEN_AFTER", "1s")
    steps.submit(school, 1, key="first")
    steps.submit(school, 1, key="second")
    with stopped_in_a_transaction(lambda: claim_one("stopped")):
        claimed: list[tuple[int, int]] = []
        wait_until(lambda: claimed.extend(claim_all("other")) or len(claimed) == 2, seconds=20)


@pytest.mark.django_db(transaction=True)
def test_school_whose_share_is_kept_for_long_holds_no_worker_and_no_other_school(
    steps: Any, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "LONGEST_WAIT", "200ms")
    steps.submit(school, 1)
    with stopped_in_a_transaction(lambda: lock_share(school)):
        assert claim_all("worker") == []
        other = make_school()
        steps.submit(other, 1)
        assert [school_id for school_id, _ in claim_all("worker")] == [other.pk]
    assert [school_id for school_id, _ in claim_all("worker")] == [school.pk]
