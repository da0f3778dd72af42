"""What a lane has to do: what waits, for how long, and how many workers its limits keep busy."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from jobs import execution
from jobs.loads import load_of
from jobs.models import Part, PartState, School, Step
from jobs.scaling import Load
from jobs.settings import switchyard
from jobs.staffing import Staffing, staff_of

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


def load() -> Load:
    """Return the load of the lane mail."""
    return load_of(switchyard().lanes["mail"], now=NOW)


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


def test_limit_of_one_school_bounds_no_lane(steps: Any, school: School, settings: Settings) -> None:
    put(settings, school_rate=1.0)
    fill(steps, school)
    assert load().most_useful == float("inf")


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
