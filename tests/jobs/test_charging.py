"""What a school is charged for its parts: worker seconds, or what they take of a scarce limit."""

import heapq
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import override_settings
from django.utils import timezone

from jobs import settling
from jobs.claiming import Claim, claim
from jobs.models import Part, PartState, School, Share
from jobs.settings import switchyard
from jobs.testing import be_present, make_school

SLOTS = 4
SECONDS = 30


@pytest.fixture
def other(db: None) -> School:
    """Another school."""
    return make_school()


def write_parts(steps: Any, school: School, count: int, **fields: Any) -> None:
    job = steps.submit(school, 1, key=f"{school.pk}")
    job.parts.all().delete()
    fields = {"job": job, "school": school, "lane": "mail", "kind": job.kind, "units": 1, **fields}
    Part.objects.bulk_create([Part(**fields, ready_at=timezone.now()) for _ in range(count)])


def limited(*, services: Any = None, **lane: Any) -> Any:
    """Return a block in which the lane mail, or a service, has limits."""
    given = django_settings.SWITCHYARD
    lanes = {**given["lanes"], "mail": {**given["lanes"]["mail"], **lane}}
    return override_settings(SWITCHYARD={**given, "lanes": lanes, "services": services or {}})


def units_of(seconds_of: dict[School, float]) -> Counter[int]:
    """Return the units that each school gets done in half a minute when its parts take so long."""
    lane, begin = switchyard().lanes["mail"], timezone.now()
    took = {school.pk: seconds for school, seconds in seconds_of.items()}
    done: Counter[int] = Counter()
    at_work: list[tuple[float, int, Claim]] = []
    for tick in range(SECONDS * 20):
        now = begin + timedelta(seconds=tick / 20)
        while at_work and at_work[0][0] <= tick / 20:
            _, _, held = heapq.heappop(at_work)
            end(held, seconds=took[held.part.school_id], now=now)
            done[held.part.school_id] += held.part.units
        while len(at_work) < SLOTS and (held := claim(lane=lane, worker="test", now=now)):
            heapq.heappush(at_work, (tick / 20 + took[held.part.school_id], held.part.pk, held))
    return done


def end(held: Claim, *, seconds: float, now: datetime) -> None:
    Part.objects.filter(pk=held.part.pk).update(state=PartState.DONE, leased_until=None, ended_at=now)
    settling.settle_share(held, seconds=seconds)


def test_schools_share_a_scarce_limit_and_not_the_workers(steps: Any, school: School, other: School) -> None:
    be_present(slots=SLOTS)
    for each in (school, other):
        write_parts(steps, each, 200)
    with limited(rate=8):
        done = units_of({school: 0.05, other: 0.4})
    assert done[school.pk] == pytest.approx(4 * SECONDS, rel=0.1)
    assert done[other.pk] == pytest.approx(4 * SECONDS, rel=0.1)


def test_weights_share_a_scarce_limit(steps: Any, school: School, other: School) -> None:
    be_present(slots=SLOTS)
    School.objects.filter(pk=school.pk).update(weight=3)
    for each in (school, other):
        write_parts(steps, each, 300)
    with limited(rate=8):
        done = units_of({school: 0.05, other: 0.1})
    assert done[school.pk] == pytest.approx(6 * SECONDS, rel=0.1)
    assert done[other.pk] == pytest.approx(2 * SECONDS, rel=0.1)


def test_schools_share_the_workers_where_no_limit_is_scarce(
    steps: Any, school: School, other: School
) -> None:
    be_present(slots=SLOTS)
    for each in (school, other):
        write_parts(steps, each, 600)
    with limited(rate=1000):
        done = units_of({school: 0.1, other: 0.4})
    assert done[school.pk] * 0.1 == pytest.approx(done[other.pk] * 0.4, rel=0.1)


@pytest.mark.parametrize(
    ("given", "charged"),
    [
        ({}, 3),
        ({"rate": 1000}, 3),
        ({"rate": 10}, 20),  # a tenth of a second for each unit, in which four slots work
        ({"bytes_rate": 100}, 40),
        ({"school_rate": 10}, 3),  # nobody else can have what is left of it
        ({"services": {"relay": {"rate": 5}}}, 40),
        ({"services": {"relay": {"rate": 5}}, "is_vital": True}, 3),
    ],
)
def test_part_is_charged_the_largest_of_its_shares(
    steps: Any, school: School, given: dict[str, Any], charged: float
) -> None:
    be_present(slots=SLOTS)
    write_parts(steps, school, 1, units=50, bytes=1000, service="relay")
    with limited(**given):
        lane = switchyard().lanes["mail"]
        held = claim(lane=lane, worker="test", now=timezone.now())
        assert held is not None
        Share.objects.update(used_seconds=lane.part_seconds)
        end(held, seconds=3, now=timezone.now())
    assert Share.objects.get().used_seconds == pytest.approx(charged)
