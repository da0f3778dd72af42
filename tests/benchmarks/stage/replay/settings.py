"""The platform's own settings, lanes and kinds, for a replay."""

from typing import Any

from switchyard import env
from switchyard import settings as platform
from switchyard.settings import *  # noqa: F403  (settings extend settings)

INSTALLED_APPS = [*platform.INSTALLED_APPS, "stage.replay.apps.ReplayConfig"]
SECRET_KEY = "for-benchmarks"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
REPLAY_STAMPS = env.text("REPLAY_STAMPS", "")
REPLAY_PART_RECIPIENTS = env.number("REPLAY_PART_RECIPIENTS", 0)
EMAIL_TIMEOUT = env.number("REPLAY_RELAY_SECONDS", platform.EMAIL_TIMEOUT)
_bulk: dict[str, Any] = platform.SWITCHYARD["lanes"]["bulk"]
if env.flag("REPLAY_LIMITS", default=False):
    # Far above what the machine can do: what is measured is the drawing, not the waiting.
    _bulk = {**_bulk, "rate": 1_000_000}
SWITCHYARD = {
    **platform.SWITCHYARD,
    "lanes": {**platform.SWITCHYARD["lanes"], "bulk": _bulk},
    "webhooks": {
        **platform.SWITCHYARD["webhooks"],
        "read_seconds": env.number("REPLAY_READ_SECONDS", platform.SWITCHYARD["webhooks"]["read_seconds"]),
    },
}
