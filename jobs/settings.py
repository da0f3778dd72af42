"""The platform's settings under SWITCHYARD: frozen, checked, with "did you mean"."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeVar, cast

from django.conf import settings
from django.core.signals import setting_changed

from jobs.lanes import Lane, WrongSetting, require_at_most, require_positive

Section = TypeVar("Section")


@dataclass(frozen=True, kw_only=True)
class Supervision:
    """How fast lost work is found again."""

    lease_seconds: float = 10
    """Seconds after its worker's last sign of life at which a part is offered again."""
    sweep_seconds: float = 1
    """Seconds between two looks at all lanes."""

    def __post_init__(self) -> None:
        """Refuse spans that are not positive.

        Raises:
            WrongSetting: by name, value and unit.
        """
        for item in fields(self):
            require_positive(
                getattr(self, item.name), name=f"SWITCHYARD['supervision'][{item.name!r}]", unit="seconds"
            )


MEGABYTE = 1 << 20
"""Bytes, as Django's `filesizeformat` shows them."""
MOST_MEGABYTES = {"attachment_megabytes": 100, "upload_megabytes": 1000, "document_megabytes": 200}
"""Beyond these a mail is refused everywhere, and a part takes longer than its lane can promise."""


@dataclass(frozen=True, kw_only=True)
class FileLimits:
    """The largest files that a person may hand in, in megabytes of 1,048,576 bytes."""

    attachment_megabytes: float = 10
    """All attachments of a mailing together."""
    upload_megabytes: float = 50
    """One data file."""
    document_megabytes: float = 20
    """One student's document."""

    def __post_init__(self) -> None:
        """Refuse sizes that are not positive, or too large.

        Raises:
            WrongSetting: by name, value and unit.
        """
        for key, most in MOST_MEGABYTES.items():
            size, name = getattr(self, key), f"SWITCHYARD['files'][{key!r}]"
            require_positive(size, name=name, unit="megabytes")
            require_at_most(size, most=most, name=name, unit="megabytes")


@dataclass(frozen=True, kw_only=True)
class Switchyard:
    """All settings of the platform."""

    lanes: Mapping[str, Lane]
    """Lane by name."""
    routes: Mapping[str, str]
    """Lane name by kind."""
    supervision: Supervision = field(default_factory=Supervision)
    files: FileLimits = field(default_factory=FileLimits)

    def __post_init__(self) -> None:
        """Refuse a route that leads to no lane.

        Raises:
            WrongSetting: with the route's name, the lane it names and the lanes there are.
        """
        for kind, lane in self.routes.items():
            if lane not in self.lanes:
                hint = f"Write one of the lanes: {', '.join(self.lanes)}." + did_you_mean(lane, self.lanes)
                raise WrongSetting(name=f"SWITCHYARD['routes'][{kind!r}]", value=lane, unit="lane", hint=hint)


def did_you_mean(word: str, known: Mapping[str, object] | list[str]) -> str:
    """Return " Did you mean 'x'?" for the known word nearest to `word`, or nothing."""
    near = get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def read_section(factory: type[Section], *, path: str, given: object, **known: object) -> Section:
    """Make `factory` from the mapping `given`, which stands at `path` in the settings.

    Raises:
        WrongSetting: it is no mapping, has an unknown or missing key, or a value that cannot work.
    """
    if not isinstance(given, Mapping):
        raise WrongSetting(name=path, value=given, unit="dict", hint="Write a dict here.")
    wanted = {item.name: item for item in fields(cast("Any", factory)) if item.name not in known}
    for key in given:
        if key not in wanted:
            hint = f"It can have: {', '.join(wanted)}." + did_you_mean(str(key), list(wanted))
            raise WrongSetting(name=path, value=key, unit="unknown key", hint=hint)
    for name, item in wanted.items():
        if name not in given and item.default is MISSING and item.default_factory is MISSING:
            raise WrongSetting(name=path, value=dict(given), unit="dict", hint=f"Add the key {name!r}.")
    return factory(**known, **given)


def read(given: Mapping[str, object]) -> Switchyard:
    """Return the settings that the mapping `given` (the value of SWITCHYARD) stands for.

    Raises:
        WrongSetting: the first setting that cannot work, by name, value, unit and hint.
    """
    known = [item.name for item in fields(Switchyard)]
    for key in given:
        if key not in known:
            hint = f"It can have: {', '.join(known)}." + did_you_mean(key, known)
            raise WrongSetting(name="SWITCHYARD", value=key, unit="unknown key", hint=hint)
    for key in ("lanes", "routes"):
        if not isinstance(given.get(key), Mapping):
            raise WrongSetting(
                name=f"SWITCHYARD[{key!r}]", value=given.get(key), unit="dict", hint="Write a dict."
            )
    lanes = cast("Mapping[str, object]", given["lanes"])
    return Switchyard(
        lanes={
            name: read_section(Lane, path=f"SWITCHYARD['lanes'][{name!r}]", given=lane, name=name)
            for name, lane in lanes.items()
        },
        routes=dict(cast("Mapping[str, str]", given["routes"])),
        supervision=read_section(
            Supervision, path="SWITCHYARD['supervision']", given=given.get("supervision", {})
        ),
        files=read_section(FileLimits, path="SWITCHYARD['files']", given=given.get("files", {})),
    )


@cache
def switchyard() -> Switchyard:
    """Return the settings in force.

    Raises:
        WrongSetting: as `read`; the system check jobs.E001 has told before.
    """
    return read(settings.SWITCHYARD)


def _forget(*, setting: str, **_: object) -> None:
    if setting == "SWITCHYARD":
        switchyard.cache_clear()


setting_changed.connect(_forget)
