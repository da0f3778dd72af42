"""The platform's settings under SWITCHYARD: frozen, checked, with "did you mean"; admins change them live."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar, cast

from django.conf import settings
from django.core.signals import setting_changed

from jobs.components import Component, StatusPage
from jobs.file_limits import FileLimits
from jobs.following import Follower, Newest
from jobs.lanes import Lane
from jobs.language import gettext
from jobs.overrides import merged
from jobs.packet_limits import PacketLimits
from jobs.rules import Rule, read_rules
from jobs.sections import Api, Breakers, Canary, History, Service, Slowness, Supervision, Webhooks
from jobs.setting_fields import WrongSetting, can_have, did_you_mean

Section = TypeVar("Section")
SECTIONS: Mapping[str, type] = {
    "supervision": Supervision,
    "files": FileLimits,
    "history": History,
    "breakers": Breakers,
    "webhooks": Webhooks,
    "slowness": Slowness,
    "canary": Canary,
    "api": Api,
    "status": StatusPage,
    "packets": PacketLimits,
}


@dataclass(frozen=True, kw_only=True)
class Switchyard:
    """All settings of the platform."""

    lanes: Mapping[str, Lane]
    """Lane by name."""
    routes: Sequence[Rule]
    """In order: the first rule that takes a job decides its lane."""
    services: Mapping[str, Service] = field(default_factory=dict)
    """The limits of outside services, by name."""
    supervision: Supervision = field(default_factory=Supervision)
    files: FileLimits = field(default_factory=FileLimits)
    history: History = field(default_factory=History)
    breakers: Breakers = field(default_factory=Breakers)
    webhooks: Webhooks = field(default_factory=Webhooks)
    slowness: Slowness = field(default_factory=Slowness)
    canary: Canary = field(default_factory=Canary)
    api: Api = field(default_factory=Api)
    status: StatusPage = field(default_factory=StatusPage)
    packets: PacketLimits = field(default_factory=PacketLimits)
    components: Mapping[str, Component] = field(default_factory=dict)
    """What the status page shows, in its order, by name."""

    def __post_init__(self) -> None:
        """Refuse what names a lane that there is not, a lane shown twice, slow companions in a circle.

        Raises:
            WrongSetting: with its name, the lane it names and the lanes there are, or those of the circle.
        """
        for rule in self.routes:
            self._require_lane(rule.lane, name=f"{rule.path}['lane']")
        for lane in self.lanes.values():
            if lane.slow_companion is not None:
                self._require_companion(lane.slow_companion, of=lane.name)
        for name in self.lanes:
            self._require_end(name)
        self._require_shown_once()

    def _require_shown_once(self) -> None:
        """Refuse components of the status page that name no lane, or one that another one shows."""
        shown: dict[str, str] = {}
        for component in self.components.values():
            name = f"SWITCHYARD['components'][{component.name!r}]['lanes']"
            for lane in component.lanes:
                self._require_lane(lane, name=name)
                if lane in shown:
                    hint = gettext(
                        "The component {component!r} shows it already; leave it out of one of them."
                    ).format(component=shown[lane])
                    raise WrongSetting(name=name, value=lane, unit="lane", hint=hint)
                shown[lane] = component.name

    def _require_companion(self, companion: str, *, of: str) -> None:
        name = f"SWITCHYARD['lanes'][{of!r}]['slow_companion']"
        self._require_lane(companion, name=name)
        if self.lanes[companion].is_vital:
            hint = gettext("Write a lane that may be slow: people stand still without this one.")
            raise WrongSetting(name=name, value=companion, unit="lane", hint=hint)

    def _require_end(self, first: str) -> None:
        """Refuse companions that lead from the lane `first` back to it: a slow job could go round in them."""
        way = [first]
        while (companion := self.lanes[way[-1]].slow_companion) and companion not in way[1:]:
            way.append(companion)
            if companion == first:
                name = f"SWITCHYARD['lanes'][{first!r}]['slow_companion']"
                hint = gettext(
                    "The slow companions form a circle: {circle}. Leave one of these lanes without, or "
                    "choose a lane outside of the circle."
                ).format(circle=" → ".join(way))
                raise WrongSetting(name=name, value=way[1], unit="lane", hint=hint)

    def _require_lane(self, lane: str, *, name: str) -> None:
        if lane not in self.lanes:
            lanes = gettext("Write one of the lanes: {lanes}.").format(lanes=", ".join(self.lanes))
            hint = lanes + did_you_mean(lane, self.lanes)
            raise WrongSetting(name=name, value=lane, unit="lane", hint=hint)


def read_section(factory: type[Section], *, path: str, given: object, **known: object) -> Section:
    """Make `factory` from the mapping `given`, which stands at `path` in the settings.

    Raises:
        WrongSetting: it is no mapping, has an unknown or missing key, or a value that cannot work.
    """
    if not isinstance(given, Mapping):
        raise WrongSetting(name=path, value=given, unit="dict", hint=gettext("Write a dict here."))
    wanted = {item.name: item for item in fields(cast("Any", factory)) if item.name not in known}
    for key in given:
        if key not in wanted:
            hint = can_have(wanted) + did_you_mean(str(key), wanted)
            raise WrongSetting(name=path, value=key, unit="unknown key", hint=hint)
    for name, item in wanted.items():
        if name not in given and item.default is MISSING and item.default_factory is MISSING:
            hint = gettext("Add the key {key!r}.").format(key=name)
            raise WrongSetting(name=path, value=dict(given), unit="dict", hint=hint)
    return factory(**known, **given)


def read(given: Mapping[str, Any]) -> Switchyard:
    """Return the settings that the mapping `given` (the value of SWITCHYARD) stands for.

    Raises:
        WrongSetting: the first setting that cannot work, by name, value, unit and hint.
    """
    known = [item.name for item in fields(Switchyard)]
    for key in given:
        if key not in known:
            hint = can_have(known) + did_you_mean(key, known)
            raise WrongSetting(name="SWITCHYARD", value=key, unit="unknown key", hint=hint)
    sections: dict[str, Any] = {
        name: read_section(factory, path=f"SWITCHYARD[{name!r}]", given=given.get(name, {}))
        for name, factory in SECTIONS.items()
    }
    return Switchyard(
        lanes=_by_name(Lane, "lanes", given.get("lanes")),
        routes=read_rules(given.get("routes")),
        services=_by_name(Service, "services", given.get("services", {})),
        components=_by_name(Component, "components", given.get("components", {})),
        **sections,
    )


def _by_name(factory: type[Section], section: str, given: object) -> dict[str, Section]:
    path = f"SWITCHYARD[{section!r}]"
    if not isinstance(given, Mapping):
        raise WrongSetting(name=path, value=given, unit="dict", hint=gettext("Write a dict here."))
    return {
        name: read_section(factory, path=f"{path}[{name!r}]", given=values, name=name)
        for name, values in given.items()
    }


def read_with(overrides: Mapping[str, Any]) -> Switchyard:
    """Return the settings file with `overrides` laid over it.

    Raises:
        WrongSetting: the first setting that cannot work.
    """
    return read(merged(settings.SWITCHYARD, overrides))


_follower = Follower(read=read_with)


def switchyard() -> Switchyard:
    """Return the settings in force: those of the file with the newest version's overrides.

    The newest version is asked for once a second at most; where the database cannot be asked, the
    last known one stays in force.

    Raises:
        WrongSetting: as `read`; the system check jobs.E001 has told before.
    """
    return _follower.now()


def follow(newest: Callable[[], Newest | None] | None) -> None:
    """Ask `newest` for overrides from now on; None for nobody: then the settings file alone is in force."""
    _follower.follow(newest)


def look_again() -> Switchyard:
    """Return the settings in force after asking for the newest version at once, as pages of settings do."""
    _follower.look()
    return _follower.now()


def version_in_force() -> int:
    """Return the number of the settings version in force here; 0 when it is the settings file alone."""
    return _follower.number


def _forget(*, setting: str, **_: object) -> None:
    if setting == "SWITCHYARD":
        _follower.forget()


setting_changed.connect(_forget)
