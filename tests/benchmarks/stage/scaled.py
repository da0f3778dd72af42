"""The platform's settings with lanes that grow by themselves from two workers to eight."""

from typing import Any

from tests.benchmarks.stage import settings as stage
from tests.benchmarks.stage.settings import *  # noqa: F403  (settings extend settings)

_lane = {"workers": 2, "most_workers": 8, "part_seconds": 0.2, "promise_seconds": 10}
_given: dict[str, Any] = stage.SWITCHYARD
SWITCHYARD = {
    **_given,
    "lanes": {
        **_given["lanes"],
        "grow-threads": {**_lane, "pool": "threads"},
        "grow-prefork": {**_lane, "pool": "prefork"},
        "fixed-prefork": {"workers": 1, "pool": "prefork", "part_seconds": 0.01, "promise_seconds": 600},
    },
    "supervision": {"shrink_seconds": 3},
    "canary": {"every_seconds": 600},
}
