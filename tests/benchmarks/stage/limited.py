"""The platform's settings with two lanes that limit each school: for 1 and for 8 worker processes."""

from typing import Any

from tests.benchmarks.stage import settings as stage
from tests.benchmarks.stage.settings import *  # noqa: F403  (settings extend settings)

_lane = {"workers": 1, "pool": "threads", "part_seconds": 0.01, "promise_seconds": 60, "school_rate": 50}
_given: dict[str, Any] = stage.SWITCHYARD
SWITCHYARD = {
    **_given,
    "lanes": {**_given["lanes"], **{f"limited-{workers}": _lane for workers in (1, 8)}},
    "canary": {"every_seconds": 600},
}
