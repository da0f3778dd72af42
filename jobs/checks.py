"""Django's system checks of the platform's settings: a wrong one stops the start."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from jobs.setting_fields import WrongSetting
from jobs.settings import read
from jobs.soundness import flaws_of

LEAST_TOKEN = 16
"""Characters of METRICS_TOKEN."""


def check_settings(*_: object, **__: object) -> list[CheckMessage]:
    """Say which setting under SWITCHYARD cannot work: its name, value and unit, and what to write."""
    try:
        now = read(settings.SWITCHYARD)
    except WrongSetting as error:
        return [Error(str(error), hint=error.hint, id="jobs.E001")]
    return [Error(flaw.says, hint=flaw.hint, id=flaw.id) for flaw in flaws_of(now)]


def check_metrics(*_: object, **__: object) -> list[CheckMessage]:
    """Say that a token for the metrics is short enough to be guessed."""
    if not settings.METRICS_TOKEN or len(settings.METRICS_TOKEN) >= LEAST_TOKEN:
        return []
    says = f"METRICS_TOKEN has {len(settings.METRICS_TOKEN)} characters, and could be guessed."
    return [Error(says, hint=f"Write at least {LEAST_TOKEN} random characters, or none.", id="jobs.E006")]


def register_all() -> None:
    """Register the checks with Django."""
    register(check_settings)
    register(check_metrics)
