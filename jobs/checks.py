"""Django's system checks of the platform's settings: a wrong one stops the start."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from jobs.lanes import WrongSetting
from jobs.registry import kinds
from jobs.settings import Switchyard, did_you_mean, read

SHORTEST_LEASE_SECONDS = 4
"""Leases are extended four times in their span; a busy machine may come a second late."""
SWEEPS_A_LEASE = 3


def check_settings(*_: object, **__: object) -> list[CheckMessage]:
    """Say which setting under SWITCHYARD cannot work: its name, value and unit, and what to write."""
    try:
        now = read(settings.SWITCHYARD)
    except WrongSetting as error:
        return [Error(str(error), hint=error.hint, id="jobs.E001")]
    return [*_unrouted(now), *_too_short_leases(now)]


def _unrouted(now: Switchyard) -> list[CheckMessage]:
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


def _too_short_leases(now: Switchyard) -> list[CheckMessage]:
    """Not refused by the settings themselves: tests must not wait for real leases."""
    lease, sweep = now.supervision.lease_seconds, now.supervision.sweep_seconds
    if lease >= SHORTEST_LEASE_SECONDS and lease >= SWEEPS_A_LEASE * sweep:
        return []
    message = f"SWITCHYARD['supervision']['lease_seconds'] is {lease!r} (seconds)."
    hint = f"Write at least {SHORTEST_LEASE_SECONDS}, and at least three times sweep_seconds."
    return [Error(message, hint=hint, id="jobs.E003")]


def register_all() -> None:
    """Register the checks with Django."""
    register(check_settings)
