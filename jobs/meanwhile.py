"""What others changed of the settings since a person looked at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from jobs.models import SettingsVersion
from jobs.overrides import Path

SOMEONE = _("Someone who is gone")


@dataclass(frozen=True, kw_only=True)
class Touched:
    """One value that others changed."""

    before: Any
    """What the person saw."""
    after: Any
    """What is in force."""
    by: str
    """Who changed it last."""


@dataclass(frozen=True, kw_only=True)
class Meanwhile:
    """All that others changed."""

    versions: Sequence[SettingsVersion] = ()
    """Newest first."""

    @property
    def told(self) -> list[tuple[SettingsVersion, str]]:
        """Each version with the name of who made it."""
        return [(each, each.made_by.name if each.made_by else str(SOMEONE)) for each in self.versions]

    @cached_property
    def touched(self) -> Mapping[Path, Touched]:
        """The values that are others than the person saw, by path."""
        found: dict[Path, Touched] = {}
        for version, by in reversed(self.told):
            for change in version.changes:
                path = tuple(change["path"])
                before = found[path].before if path in found else change["before"]
                found[path] = Touched(before=before, after=change["after"], by=by)
        return {path: touched for path, touched in found.items() if touched.before != touched.after}

    def seen(self, path: Path, *, in_force: Any) -> Any:
        """Return the value at `path` that the person saw, where `in_force` is what it is now."""
        return self.touched[path].before if path in self.touched else in_force


def changed_since(number: int) -> Meanwhile:
    """Return what was changed after the settings version `number`."""
    newer = SettingsVersion.objects.filter(number__gt=number).select_related("made_by")
    return Meanwhile(versions=list(newer))
