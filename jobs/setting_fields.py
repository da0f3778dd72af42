"""Fields of settings: each has its unit, a sentence for admins, and what values it takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from difflib import get_close_matches
from typing import Any

MOST = 1e12
"""What any number may be at most: far above what is ever meant, far below what cannot be reckoned with."""
MOST_OF_UNIT: dict[str, float] = {"seconds": 7 * 86_400, "hours": 366 * 24, "days": 36_600}


class WrongSetting(Exception):
    """A setting has a value that cannot work; the sentence names it and the remedy."""

    def __init__(self, *, name: str, value: object, unit: str, hint: str) -> None:
        """Keep what a system check shows: `name` and `value` of the setting, its `unit`, a `hint`."""
        super().__init__(f"{name} is {value!r} ({unit}).")
        self.name = name
        self.hint = hint


@dataclass(frozen=True, kw_only=True)
class About:
    """What is known of one setting besides its value."""

    says: str
    """A sentence that tells an admin what it does."""
    unit: str
    is_whole: bool = False
    """Whether it takes whole numbers only, from `least` on."""
    is_optional: bool = False
    """Whether None is a value too; `says` tells what it means."""
    least: float = 0
    """A whole number is at least this, any other number greater than it."""
    most: float | None = None
    choices: Sequence[str] = ()
    """The words that it takes; then it takes no number."""
    kind: type = float
    """What it holds besides numbers and choices: `bool`, `str`, `list`, or `dict` for numbers by school."""

    def why_not(self, value: object) -> str:
        """Return what to write instead of `value`, or nothing when it can be used."""
        if value is None and self.is_optional:
            return ""
        if self.choices:
            return "" if value in self.choices else f"Write one of {', '.join(self.choices)}."
        if self.kind is bool:
            return "" if isinstance(value, bool) else "Write True or False."
        if self.kind is dict:
            return self._why_no_numbers(value)
        return self._why_no_text(value) if self.kind in (str, list) else self._why_no_number(value)

    def _why_no_numbers(self, value: object) -> str:
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            return "Write a dict such as {'northfield': 5}, with schools' short names."
        hints = ((name, self._why_no_number(each)) for name, each in value.items() if each is not None)
        return next((f"Of {name}: {hint}" for name, hint in hints if hint), "")

    def _why_no_text(self, value: object) -> str:
        if self.kind is str:
            return "" if isinstance(value, str) else "Write a name."
        is_list = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
        return "" if is_list else "Write a list such as ['hooks.internal'], without ports."

    def _why_no_number(self, value: object) -> str:
        if self.is_whole:
            fits = type(value) is int and self.least <= value <= (self.most or value)
            until = f"to {self.most:,g}" if self.most else "on"
            return "" if fits else f"Write a whole number from {self.least:g} {until}."
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not self.least < value < float("inf")
        ):
            return f"Write a number greater than {self.least:g}.{self._why_no_limit(value)}"
        most: float = self.most or MOST_OF_UNIT.get(self.unit, MOST)
        return f"Write {most:,.15g} at most." if value > most else ""

    def _why_no_limit(self, value: object) -> str:
        """Return what to do instead of 0 for a limit: some mean a pause by it, others no limit."""
        is_limit = self.is_optional and self.least and isinstance(value, int | float)
        return " Empty is no limit; to let nothing through, pause it." if is_limit else ""


def setting(*, default: Any = MISSING, **about: Any) -> Any:
    """Make the field of a settings dataclass; `about` is that of `About`."""
    if default in ((), [], {}):
        factory = dict if isinstance(default, dict) else tuple
        return field(default_factory=factory, metadata={"about": About(**about)})
    return field(default=default, metadata={"about": About(**about)})


def settings_of(section: Any) -> list[tuple[Field[Any], About]]:
    """Return the settings of a settings dataclass or one of its values, with what is known of each."""
    return [(item, item.metadata["about"]) for item in fields(section) if "about" in item.metadata]


def require_fit(section: Any, *, path: str) -> None:
    """Refuse the first value of `section`, which stands at `path` in the settings, that cannot work.

    Raises:
        WrongSetting: by name, value and unit.
    """
    for item, about in settings_of(section):
        value = getattr(section, item.name)
        if hint := about.why_not(value):
            raise WrongSetting(name=f"{path}[{item.name!r}]", value=value, unit=about.unit, hint=hint)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the known word nearest to `word`, or nothing."""
    near = get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
