"""What a lane has to do: what waits, for how long, and how many workers its limits keep busy."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from jobs import execution
from jobs.loads import loads_of
from jobs.models import Breaker, BreakerState, Bucket, Hold, Job, Part, PartState, School, Step
from jobs.reckoning import Staffing
from jobs.scaling import Load, needed
from jobs.settings import switchyard
from jobs.staffing import staff_of
from jobs.testing import make_school

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR = timedelta(hours=1)


def put(settings: Settings, *, services: dict[str, Any] | None = None, **values: Any) -> None:
    """Let the lane mail grow from 2 to 16 workers by itself, and have these values."""
    given = settings.SWITCHYARD
    usual = {"workers": 2, "most_workers": 16, "promise_seconds": 60, "part_seconds": 2}
    lanes = {**given["lanes"], "mail": {**given["lanes"]["mail"], **usual, **values}}
    settings.SWITCHYARD = {**given, "lanes": lanes, "services": services or {}}


def fill(steps: Any, school: School) -> None:
    """Let 148 parts wait in mail for an hour; two were done, 3 units and 4,000 bytes each in 6 seconds."""
    steps.submit(school, *[1] * 148, 3, 3)
    execution.answer(lane="mail", worker="mail@here-1")
    Part.objects.update(ready_at=NOW - HOUR)
    done = {"state": PartState.DONE, "ended_at": NOW, "seconds": 6.0, "bytes": 4000}
    Part.objects.filter(step=Step.WORK, units=3).update(**done)
    Part.objects.filter(step=Step.PLAN).update(ended_at=NOW - HOUR)


def wait_too(school: School, *, parts: int) -> None:
    """Let parts of another school wait in mail that go to no service."""
    job = Job.objects.create(kind="test.steps", school=school, lane="mail", key="x", created_at=NOW)
    usual = {"job": job, "school": school, "lane": "mail", "step": Step.WORK, "units": 1, "ready_at": NOW}
    Part.objects.bulk_create([Part(**usual) for _ in range(parts)])


def load() -> Load:
    """Return the load of the lane mail."""
    return loads_of({"mail": switchyard().lanes["mail"]}, now=NOW)["mail"]


def test_lane_without_limits_can_use_any_number_of_workers(steps: Any, school: School) -> None:
    fill(steps, school)
    assert load().most_useful == float("inf")


def test_limit_bounds_what_waits_can_ask_for(steps: Any, school: School, settings: Settings) -> None:
    put(settings, rate=1.0)
    fill(steps, school)
    assert load().most_useful == 1 + 1.25 * 2.0
    Staffing().reckon(now=NOW)
    assert staff_of(switchyard().lanes, now=NOW)["mail"].workers == 4


def test_limit_in_bytes_bounds_it_too_and_the_least_counts(
    steps: Any, school: School, settings: Settings
) -> None:
    put(settings, rate=100.0, bytes_rate=4000.0)
    fill(steps, school)
    assert load().most_useful == 1 + 1.25 * 6.0


def test_limit_of_one_school_bounds_nobody_else(steps: Any, school: School, settings: Settings) -> None:
    put(settings, rates_of_schools={school.slug: 1.0})
    fill(steps, school)
    assert load().most_useful == 1 + 1.25 * 2.0
    wait_too(make_school(), parts=100)
    assert load().most_useful == 1 + 1.25 * 2.0 + 100


def test_limit_bounds_it_also_while_nothing_was_done_lately(
    steps: Any, school: School, settings: Settings
) -> None:
    put(settings, rate=1.0)
    fill(steps, school)
    Part.objects.filter(state=PartState.DONE).update(ended_at=NOW - HOUR)
    assert load().most_useful == 1 + 1.25 * 2.0


@pytest.mark.parametrize("cap", [{"school_workers": 3}, {"service_workers": 3}])
def test_cap_bounds_what_it_concerns(
    steps: Any, school: School, settings: Settings, cap: dict[str, int]
) -> None:
    put(settings, **cap)
    fill(steps, school)
    Part.objects.update(service="relay")
    assert load().most_useful == 3
    wait_too(make_school(), parts=2)
    assert load().most_useful == 3 + 2


@pytest.mark.parametrize("scope", ["lane", "kind"])
def test_what_is_held_asks_for_nobody(steps: Any, school: School, scope: str) -> None:
    fill(steps, school)
    name = "mail" if scope == "lane" else Job.objects.get().kind
    Hold.objects.create(scope=scope, mode="pause", name=name, why="Look", at=NOW)
    assert needed(load()) == 0


def test_what_waits_for_a_limit_to_open_asks_for_nobody(
    steps: Any, school: School, settings: Settings
) -> None:
    put(settings, rate=1.0)
    fill(steps, school)
    Bucket.objects.create(name="lane:mail:units", lane="mail", rate=1.0, tokens=-30, filled_at=NOW)
    assert needed(load()) == 0


def test_what_waits_for_a_service_that_is_not_asked_asks_for_nobody(steps: Any, school: School) -> None:
    fill(steps, school)
    Part.objects.update(service="relay")
    Breaker.objects.create(
        name="relay:here:25/mails", state=BreakerState.OPEN, opened_at=NOW, retry_at=NOW + HOUR
    )
    assert load().waiting == 148
    asleep = Part.objects.filter(state=PartState.WAITING).first()
    Part.objects.filter(pk=asleep.pk).update(state=PartState.DELAYED, waits_for="relay:here:25/mails")
    assert needed(load()) == 0
    Breaker.objects.update(state=BreakerState.CLOSED, opened_at=None, retry_at=None)
    assert load().waiting == 147


def test_nobody_comes_to_hang_beside_those_that_hang(steps: Any, school: School) -> None:
    fill(steps, school)
    two = Part.objects.filter(state=PartState.WAITING).values("pk")[:2]
    lease = {"state": PartState.WORKING, "leased_until": NOW + HOUR}
    Part.objects.filter(pk__in=two).update(**lease, asks="the mail relay", asks_seconds=40)
    assert needed(load()) == 2
    Part.objects.update(asks_seconds=10)
    assert needed(load()) == 146


def test_parts_at_work_tell_what_one_takes_where_they_take_longer_than_what_was_done(
    steps: Any, school: School
) -> None:
    fill(steps, school)
    assert load().part_seconds == 6.0
    two = Part.objects.filter(state=PartState.WAITING).values("pk")[:2]
    lease = {"state": PartState.WORKING, "leased_until": NOW + HOUR}
    Part.objects.filter(pk__in=two).update(**lease, units=100, units_done=3, worked_seconds=1.5)
    assert load().part_seconds == 6.0
    Part.objects.filter(state=PartState.WORKING).update(worked_seconds=20, units_failed=1, seconds=20)
    assert load().part_seconds == 40 / 5
    Part.objects.filter(state=PartState.WAITING).update(units=100)
    assert load().part_seconds == 100 * 40 / 5


@pytest.mark.parametrize("step", [Step.PLAN, Step.FINISH])
def test_job_that_is_long_being_cut_or_closed_tells_nothing_of_what_a_part_takes(
    steps: Any, school: School, step: Step
) -> None:
    fill(steps, school)
    long = {"state": PartState.WORKING, "leased_until": NOW + HOUR, "units": 1, "worked_seconds": 58}
    Part.objects.filter(step=Step.PLAN).update(**long, step=step)
    Part.objects.filter(state=PartState.WAITING).update(units=20)
    assert load().part_seconds == 6.0
    Part.objects.filter(state=PartState.DONE).delete()
    assert load().part_seconds == 2.0


def test_one_worker_has_all_parts_in_hand_that_its_doorbell_claims(
    steps: Any, school: School, settings: Settings
) -> None:
    put(settings, claim_parts=50)
    fill(steps, school)
    many = Part.objects.filter(state=PartState.WAITING).values("pk")[:60]
    Part.objects.filter(pk__in=many).update(state=PartState.WORKING, leased_until=NOW + HOUR)
    assert load().working == 2


def test_lanes_where_nothing_waits_cost_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        loads = loads_of(switchyard().lanes, now=NOW)
    assert {load.waiting + load.working for load in loads.values()} == {0}


@pytest.mark.parametrize(
    ("limit", "most"), [({"rate": 1.0}, 1 + 1.25 * 2.0), ({"bytes_rate": 2000.0}, 1 + 1.25 * 3.0)]
)
def test_limit_of_an_outside_service_bounds_it_where_all_goes_there(
    steps: Any, school: School, settings: Settings, limit: dict[str, float], most: float
) -> None:
    put(settings, services={"relay": limit})
    fill(steps, school)
    Part.objects.update(service="relay")
    assert load().most_useful == most


def test_what_does_not_go_to_the_service_is_not_kept_back_by_its_limit(
    steps: Any, school: School, settings: Settings
) -> None:
    put(settings, services={"relay": {"rate": 1.0}})
    fill(steps, school)
    Part.objects.filter(units=3).update(service="relay")
    assert load().most_useful == 1 + 1.25 * 2.0 + 148


def test_vital_lane_waits_for_no_service(steps: Any, school: School, settings: Settings) -> None:
    put(settings, services={"relay": {"rate": 1.0}}, is_vital=True)
    fill(steps, school)
    Part.objects.update(service="relay")
    assert load().most_useful == float("inf")


def test_oldest_counts_however_many_wait(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    Part.objects.update(ready_at=NOW)
    usual = {"job": job, "school": school, "lane": "mail", "step": Step.WORK, "ready_at": NOW}
    Part.objects.bulk_create([Part(**usual) for _ in range(10_000)])
    Part.objects.create(**{**usual, "ready_at": NOW - HOUR})
    assert (load().waiting, load().oldest_seconds) == (10_002, 3600)
