"""Django's system checks of the platform's settings: a wrong one stops the start."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from jobs.lanes import WrongSetting
from jobs.registry import kinds
from jobs.settings import did_you_mean, read


def check_settings(*_: object, **__: object) -> list[CheckMessage]:
    """Say which setting under SWITCHYARD cannot work: its name, value and unit, and what to write."""
    try:
        now = read(settings.SWITCHYARD)
    except WrongSetting as error:
        return [Error(str(error), hint=error.hint, id="jobs.E001")]
    unrouted = [kind.name for kind in kinds() if kind.name not in now.routes]
    return [
        Error(
            f"SWITCHYARD['routes'] leads the kind {name!r} to no lane.",
            hint=f"Add it with one of the lanes: {', '.join(now.lanes)}."
            + did_you_mean(name, list(now.routes)),
            id="jobs.E002",
        )
        for name in unrouted
    ]


def register_all() -> None:
    """Register the checks with Django."""
    register(check_settings)
