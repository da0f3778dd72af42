"""The platform's settings with kinds that have no effect and a lane for them."""

from typing import Any

from switchyard import settings as platform
from switchyard.settings import *  # noqa: F403  (settings extend settings)

INSTALLED_APPS = [*platform.INSTALLED_APPS, "tests.benchmarks.stage.apps.StageConfig"]
SECRET_KEY = "for-benchmarks"
CELERY_TASK_DEFAULT_DELIVERY_MODE = "persistent"

_given: dict[str, Any] = platform.SWITCHYARD
_lane = {"workers": 2, "pool": "prefork", "part_seconds": 0.001, "promise_seconds": 60}
SWITCHYARD = {
    **_given,
    "lanes": {**_given["lanes"], "tiny": {**_lane, "claim_parts": 50}, "claims": {**_lane, "workers": 8}},
    "routes": [
        *_given["routes"],
        *({"kind": kind, "lane": "tiny"} for kind in ("stage.nothing", "stage.sleep")),
    ],
}
