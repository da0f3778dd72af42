"""The settings of picking up files, under PICKUP: frozen, and checked when read."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.signals import setting_changed

from jobs.sections import Section
from jobs.setting_fields import WrongSetting, setting
from jobs.settings import read_section


@dataclass(frozen=True, kw_only=True)
class PickupSettings(Section):
    """Where schools' files are picked up, and when one is complete."""

    path = "PICKUP"
    folder: str = ""
    """Below it each school has a folder named after it, with one for each dataset; empty for nowhere."""
    stable_seconds: float = setting(
        default=30,
        says="How long size and time of a file must be the same before it is picked up.",
        unit="seconds",
        least=0,
        most=86_400,
    )

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            WrongSetting: by name, value and unit.
        """
        super().__post_init__()
        if self.folder and not Path(self.folder).is_absolute():
            hint = "Write the whole path of the folder, from / on."
            raise WrongSetting(name="PICKUP['folder']", value=self.folder, unit="folder", hint=hint)

    @property
    def root(self) -> Path | None:
        """The folder; None for nowhere."""
        return Path(self.folder) if self.folder else None


@cache
def pickup_settings() -> PickupSettings:
    """Return the settings in force.

    Raises:
        WrongSetting: the first that cannot work; the system check uploads.E001 has told before.
    """
    return read_section(PickupSettings, path="PICKUP", given=settings.PICKUP)


def _forget(**changed: object) -> None:
    if changed["setting"] == "PICKUP":
        pickup_settings.cache_clear()


setting_changed.connect(_forget)
