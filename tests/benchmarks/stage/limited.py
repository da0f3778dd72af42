"""The platform's settings with lanes that limit each school, for 1 and 8 processes, and a limited one."""

from typing import Any

from tests.benchmarks.stage import settings as stage
from tests.benchmarks.stage.settings import *  # noqa: F403  (settings extend settings)

_lane = {"workers": 1, "pool": "threads", "part_seconds": 0.01, "promise_seconds": 60, "school_rate": 50}
_given: dict[str, Any] = stage.SWITCHYARD
_whole = {**_lane, "workers": 4, "school_rate": None, "rate": 50}
_lanes = {"limited-1": _lane, "limited-8": _lane, "limited-whole": _whole}
SWITCHYARD = {
    **_given,
    "lanes": {**_given["lanes"], **_lanes},
    "canary": {"every_seconds": 600},
}
