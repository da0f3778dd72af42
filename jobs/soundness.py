"""Whether settings work as a whole: what no value shows by itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.language import gettext
from jobs.registry import kinds, names_to_submit
from jobs.rules import kinds_without_a_last_rule
from jobs.setting_fields import did_you_mean
from jobs.settings import Switchyard

SHORTEST_LEASE_SECONDS = 4
"""Leases are extended four times in their span; a busy machine may come a second late."""
SWEEPS_A_LEASE = 3


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """One thing that does not work."""

    id: str
    """That of the system check."""
    says: str
    hint: str
    name: str = ""
    """The setting that it is about, if one is: its path in the settings file."""


def flaws_of(settings: Switchyard) -> list[Flaw]:
    """Return what does not work in `settings`, whose values are each right by themselves."""
    return [*_unrouted(settings), *_unknown_in_rules(settings), *_too_short_leases(settings)]


def _unrouted(settings: Switchyard) -> Iterator[Flaw]:
    routed = {rule.kind for rule in settings.routes}
    for kind in kinds_without_a_last_rule(settings.routes, kinds=names_to_submit()):
        lanes = ", ".join(settings.lanes)
        if kind in routed:
            hint = gettext("Add a last rule without conditions with one of the lanes: {lanes}.").format(
                lanes=lanes
            )
        else:
            hint = gettext("Add it with one of the lanes: {lanes}.").format(lanes=lanes)
            hint += did_you_mean(kind, routed)
        says = gettext("SWITCHYARD['routes'] leads the kind {kind!r} to no lane.").format(kind=kind)
        yield Flaw(id="jobs.E002", says=says, hint=hint)


def _unknown_in_rules(settings: Switchyard) -> Iterator[Flaw]:
    sizes: Mapping[str, Mapping[str, Any]] = {kind.name: kind.all_sizes for kind in kinds() if kind.is_routed}
    for rule in settings.routes:
        if rule.kind not in sizes:
            says = gettext("{path}['kind'] is {kind!r} (kind of job).").format(path=rule.path, kind=rule.kind)
            hint = _one_of(rule.kind, known=sizes)
            yield Flaw(id="jobs.E004", says=says, hint=hint)
            continue
        for size in sorted(rule.size_names - sizes[rule.kind].keys()):
            says = gettext("{path} looks at the size {size!r} of the kind {kind}.").format(
                path=rule.path, size=size, kind=rule.kind
            )
            hint = _one_of(size, known=sizes[rule.kind])
            yield Flaw(id="jobs.E005", says=says, hint=hint)


def _one_of(given: str, *, known: Iterable[str]) -> str:
    hint = gettext("Write one of: {known}.").format(known=", ".join(known))
    return hint + did_you_mean(given, known)


def _too_short_leases(settings: Switchyard) -> Iterator[Flaw]:
    """Not refused by the settings themselves: tests must not wait for real leases."""
    lease, sweep = settings.supervision.lease_seconds, settings.supervision.sweep_seconds
    if lease < SHORTEST_LEASE_SECONDS or lease < SWEEPS_A_LEASE * sweep:
        name = "SWITCHYARD['supervision']['lease_seconds']"
        hint = gettext("Write at least {seconds}, and at least three times sweep_seconds.").format(
            seconds=SHORTEST_LEASE_SECONDS
        )
        says = gettext("{name} is {lease!r} (seconds).").format(name=name, lease=lease)
        yield Flaw(id="jobs.E003", says=says, hint=hint, name=name)
