"""Parts are cut so small that a tight limit is kept over short spans too."""

from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from jobs.cutting import most_units
from jobs.models import Cost, Job, School
from tests.jobs.test_drawing import settings_of_today


def learn(**cost: float) -> None:
    """Let so much be known of the kind; its lane wants parts of two seconds."""
    Cost.objects.create(kind="tests.steps", units=100, learned_at=timezone.now(), **cost)


def job_of(steps: Any, school: School, *, megabytes: float) -> Job:
    """Submit a job of a hundred units with so many megabytes each."""
    job: Job = steps.submit(school, 100, units=100)
    job.megabytes = 100 * megabytes
    return job


@pytest.mark.parametrize(
    ("limits", "unit_bytes", "units"),
    [
        (({}, {}), 0, 200),
        (({"rate": 14}, {}), 0, 7),
        (({"school_rate": 10}, {}), 0, 5),
        (({}, {"rate": 20}), 0, 10),
        (({"bytes_rate": 1000}, {}), 100, 5),
        (({"rate": 0.1}, {}), 0, 1),
    ],
)
def test_tightest_limit_decides(
    steps: Any, school: School, limits: tuple[dict[str, float], dict[str, float]], unit_bytes: int, units: int
) -> None:
    lane, service = limits
    learn(unit_seconds=0.001)
    job = steps.submit(school, 1)
    given = settings_of_today()
    lanes = {**given["lanes"], "mail": {**given["lanes"]["mail"], **lane}}
    with override_settings(SWITCHYARD={**given, "lanes": lanes, "services": {"relay": service}}):
        assert most_units(job, usual=200, service="relay", unit_bytes=unit_bytes) == units


@pytest.mark.parametrize(
    ("cost", "megabytes", "units"),
    [
        ({"unit_seconds": 0.001}, 0, 200),
        ({"unit_seconds": 0.05}, 0, 40),
        ({"unit_seconds": 0.05, "lately": 4}, 0, 10),
        ({"unit_seconds": 0.02, "megabyte_seconds": 0.1, "known_megabytes": 5}, 0.4, 33),
        ({"unit_seconds": 9}, 0, 1),
    ],
)
def test_part_takes_the_time_that_its_lane_wants_as_far_as_costs_are_known(
    steps: Any, school: School, cost: dict[str, float], megabytes: float, units: int
) -> None:
    learn(**cost)
    assert most_units(job_of(steps, school, megabytes=megabytes), usual=200) == units


@pytest.mark.parametrize(("megabytes", "units"), [(0, 20), (0.5, 10), (5, 5)])
@pytest.mark.parametrize("light", [{}, {"unit_seconds": 0.001}])
def test_first_parts_of_a_kind_or_of_a_weight_are_small(
    steps: Any, school: School, light: dict[str, float], megabytes: float, units: int
) -> None:
    if light and megabytes:
        learn(**light)
    assert most_units(job_of(steps, school, megabytes=megabytes), usual=200) == units


def test_first_heavy_parts_of_a_kind_that_is_slow_are_not_larger_than_its_light_ones(
    steps: Any, school: School
) -> None:
    learn(unit_seconds=1)
    assert most_units(job_of(steps, school, megabytes=5), usual=200) == 2
