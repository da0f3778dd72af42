"""The platform's settings, with the fault suite's own kinds."""

from switchyard.settings import *  # noqa: F403  (a settings module adds to another)
from switchyard.settings import INSTALLED_APPS, SWITCHYARD, env

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.effects.apps.EffectsConfig"]
SWITCHYARD = {
    **SWITCHYARD,
    "routes": {
        **SWITCHYARD["routes"],
        "faults.threads": "mail",
        "faults.forks": "packets",
        "faults.nothing": "webhooks",
        "faults.probe": "mail",
        "faults.probe.codes": "codes",
        "faults.probe.bulk": "bulk",
        "faults.probe.packets": "packets",
        "faults.probe.uploads": "uploads",
        "faults.probe.webhooks": "webhooks",
    },
}
EFFECTS_FOLDER = env.text("FAULTS_EFFECTS_FOLDER", "")
