"""Parts are cut so small that a tight limit is kept over short spans too."""

from typing import Any

import pytest
from django.test import override_settings

from jobs.cutting import most_units
from jobs.models import School
from tests.jobs.test_drawing import settings_of_today


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
    job = steps.submit(school, 1)
    given = settings_of_today()
    lanes = {**given["lanes"], "mail": {**given["lanes"]["mail"], **lane}}
    with override_settings(SWITCHYARD={**given, "lanes": lanes, "services": {"relay": service}}):
        assert most_units(job, usual=200, service="relay", unit_bytes=unit_bytes) == units
