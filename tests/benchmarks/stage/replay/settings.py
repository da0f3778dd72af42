"""The platform's own settings, lanes and kinds, for a replay."""

from typing import Any

from switchyard import env
from switchyard import settings as platform
from switchyard.settings import *  # noqa: F403  (settings extend settings)

from tests import unlimited

INSTALLED_APPS = [*platform.INSTALLED_APPS, "tests.benchmarks.stage.replay.apps.ReplayConfig"]
CODES: dict[str, Any] = {**platform.CODES, **unlimited.CODES}
SECRET_KEY = "for-benchmarks"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
REPLAY_STAMPS = env.text("REPLAY_STAMPS", "")
REPLAY_PART_RECIPIENTS = env.number("REPLAY_PART_RECIPIENTS", 0)
EMAIL_TIMEOUT = env.number("REPLAY_RELAY_SECONDS", platform.EMAIL_TIMEOUT)
# Far above what the machine can do: what is measured is the drawing, not the waiting.
_wide = {"rate": 1e6, "bytes_rate": 1e12}
_has_limits = env.flag("REPLAY_LIMITS", default=False)
# Each side has the same number of workers, all the time.
_lanes: dict[str, dict[str, Any]] = {
    name: {**lane, "most_workers": None} for name, lane in platform.SWITCHYARD["lanes"].items()
}
_bulk = _lanes["bulk"]
if _has_limits:
    _bulk = {**_bulk, **_wide, "school_rate": 1e6, "school_bytes_rate": 1e12}
SWITCHYARD = {
    **platform.SWITCHYARD,
    "lanes": {**_lanes, "bulk": _bulk},
    "services": {"relay": _wide} if _has_limits else platform.SWITCHYARD["services"],
    "webhooks": {
        **platform.SWITCHYARD["webhooks"],
        "read_seconds": env.number("REPLAY_READ_SECONDS", platform.SWITCHYARD["webhooks"]["read_seconds"]),
    },
}
