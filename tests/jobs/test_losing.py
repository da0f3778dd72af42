"""What a part counts in its school's share whose worker was lost."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs.claiming import claim
from jobs.models import Part, School, Share, WorkerPresence
from jobs.settings import switchyard
from jobs.supervision import free_lost_leases


@pytest.mark.parametrize(
    ("worked", "was_asked", "counts"),
    [
        pytest.param(30, False, 30, id="what its worker told last"),
        pytest.param(0.5, False, 2, id="what the lane wants for a part, at least: it cost a worker"),
        pytest.param(0.5, True, 0.5, id="no more than that where the worker was only to end"),
    ],
)
def test_lost_part_counts(
    steps: Any, school: School, worked: float, *, was_asked: bool, counts: float
) -> None:
    steps.submit(school, 1)
    now = timezone.now()
    held = claim(lane=switchyard().lanes["mail"], worker="dead", now=now)
    assert held is not None
    Part.objects.filter(pk=held.part.pk).update(worked_seconds=worked)
    asked_at = now if was_asked else None
    WorkerPresence.objects.create(
        name="dead", lane="mail", slots=1, started_at=now, beat_at=now, hand_back_at=asked_at
    )
    assert free_lost_leases(now=now + timedelta(seconds=11)) == 1
    assert Share.objects.get().used_seconds == pytest.approx(counts)


def test_part_of_a_lane_that_is_no_more_counts_what_it_was_charged(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    now = timezone.now()
    assert claim(lane=switchyard().lanes["mail"], worker="dead", now=now) is not None
    Part.objects.update(lane="gone", worked_seconds=30)
    Share.objects.update(lane="gone")
    assert free_lost_leases(now=now + timedelta(seconds=11)) == 1
    assert Share.objects.get(lane="gone").used_seconds == 2
