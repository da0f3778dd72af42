"""The platform's settings, with the fault suite's own kinds."""

import faulthandler
import signal

from switchyard.settings import *  # noqa: F403  (a settings module adds to another)
from switchyard.settings import CODES, INSTALLED_APPS, SWITCHYARD, env

from tests import unlimited

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.effects.apps.EffectsConfig"]
LANES = {
    **SWITCHYARD["lanes"],
    # Its children are replaced all the time.
    "packets": {**SWITCHYARD["lanes"]["packets"], "child_parts": 10},
    "tiny": {"workers": 2, "pool": "threads", "part_seconds": 1, "promise_seconds": 60, "claim_parts": 8},
}
SWITCHYARD = {
    **SWITCHYARD,
    "lanes": LANES,
    "routes": [
        *SWITCHYARD["routes"],
        {"kind": "faults.threads", "lane": "mail"},
        {"kind": "faults.forks", "lane": "packets"},
        {"kind": "faults.stuck.threads", "lane": "mail"},
        {"kind": "faults.stuck.forks", "lane": "packets"},
        {"kind": "faults.hungry", "lane": "packets"},
        {"kind": "faults.leaky", "lane": "mail"},
        {"kind": "faults.nothing", "lane": "tiny"},
        *({"kind": f"faults.probe.{lane}", "lane": lane} for lane in LANES),
    ],
}
CODES = {**CODES, **unlimited.CODES}
# A run that does not come to rest asks each process by this signal where it stands.
faulthandler.register(signal.SIGUSR2)
EFFECTS_FOLDER = env.text("FAULTS_EFFECTS_FOLDER", "")
