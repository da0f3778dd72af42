"""Fields of settings: each has its unit, a sentence for admins, and what values it takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from difflib import get_close_matches
from typing import Any

from jobs.language import Words, gettext

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

    says: Words
    """A sentence that tells an admin what it does."""
    unit: str
    is_whole: bool = False
    """Whether it takes whole numbers only, from `least` on."""
    is_optional: bool = False
    """Whether None is a value too; `says` tells what it means."""
    least: float = 0
    """A whole number is at least this, any other number greater than it."""
    takes_least: bool = False
    """Whether a number that need not be whole may be `least` too."""
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
            return "" if value in self.choices else one_of(self.choices)
        if self.kind is bool:
            return "" if isinstance(value, bool) else gettext("Write True or False.")
        if self.kind is dict:
            return self._why_no_numbers(value)
        return self._why_no_text(value) if self.kind in (str, list) else self._why_no_number(value)

    def _why_no_numbers(self, value: object) -> str:
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            return gettext("Write a dict such as {example}, with schools' short names.").format(
                example={"northfield": 5}
            )
        for name, each in value.items():
            if each is not None and (hint := self._why_no_number(each)):
                return gettext("Of {school}: {hint}").format(school=name, hint=hint)
        return ""

    def _why_no_text(self, value: object) -> str:
        if self.kind is str:
            return "" if isinstance(value, str) else gettext("Write a name.")
        is_list = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
        if is_list:
            return ""
        return gettext("Write a list such as {example}, without ports.").format(example=["hooks.internal"])

    def _why_no_number(self, value: object) -> str:
        if self.is_whole:
            fits = type(value) is int and self.least <= value <= (self.most or value)
            return "" if fits else self._what_whole()
        if isinstance(value, bool) or not isinstance(value, int | float) or not self._is_enough(value):
            greater = gettext("Write a number greater than {least:g}.")
            words = gettext("Write a number from {least:g} on.") if self.takes_least else greater
            return f"{words.format(least=self.least)}{self._why_no_limit(value)}"
        most: float = self.most or MOST_OF_UNIT.get(self.unit, MOST)
        return gettext("Write {most:,.15g} at most.").format(most=most) if value > most else ""

    def _is_enough(self, value: float) -> bool:
        return self.least < value < float("inf") or (self.takes_least and value == self.least)

    def _what_whole(self) -> str:
        if self.most:
            return gettext("Write a whole number from {least:g} to {most:,g}.").format(
                least=self.least, most=self.most
            )
        return gettext("Write a whole number from {least:g} on.").format(least=self.least)

    def _why_no_limit(self, value: object) -> str:
        """Return what to do instead of 0 for a limit: some mean a pause by it, others no limit."""
        is_limit = self.is_optional and self.least and isinstance(value, int | float)
        return f" {gettext('Empty is no limit; to let nothing through, pause it.')}" if is_limit else ""


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


def one_of(known: Iterable[str]) -> str:
    """Return which words can stand here, as a sentence."""
    return gettext("Write one of {known}.").format(known=", ".join(known))


def can_have(keys: Iterable[str]) -> str:
    """Return which keys can stand here, as a sentence."""
    return gettext("It can have: {keys}.").format(keys=", ".join(keys))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the known word nearest to `word`, or nothing."""
    near = get_close_matches(word, list(known), n=1)
    return f" {gettext('Did you mean {word!r}?').format(word=near[0])}" if near else ""
