"""Many workers claim at once, on connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobs.claiming import claim
from jobs.models import School, Share
from jobs.settings import switchyard
from jobs.testing import make_school, wait_until

BLOCKED = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def claim_all(worker: str) -> list[tuple[int, int]]:
    """Claim until nothing is left; return the school and part ids, in order."""
    claimed = []
    try:
        while held := claim(lane=switchyard().lanes["mail"], worker=worker, now=timezone.now()):
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
            taken = claim(lane=switchyard().lanes["mail"], worker="first", now=timezone.now())
            assert taken is not None
            Share.objects.select_for_update().get(school=other)
            following = pool.submit(claim_all, "second")
            wait_until(is_blocked)
        assert [school_id for school_id, _ in following.result(timeout=20)] == [other.pk]
