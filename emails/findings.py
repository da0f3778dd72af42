"""Findings: what the pre-flight says of a mailing, each with how grave it is and whom it concerns."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise

NAMED = 10


class Choice(StrEnum):
    """What a person can choose beside a finding, with a click of its own."""

    SPARE = "spare"
    """Leave those out who had another mailing lately."""
    WRITE = "write"
    """Write to them too."""
    WITHOUT_LACKING = "without-lacking"
    """Leave those out who have no file of their own."""
    WITH_ALL = "with-all"
    """Leave nobody out for that."""


class Level(StrEnum):
    """How grave a finding is; in the order in which they are shown."""

    BLOCK = "block"
    """The mailing cannot be sent like this."""
    WARN = "warn"
    """It can, if that is what the person wants."""
    OPEN = "open"
    """Nobody could look: nothing is known to be wrong."""
    FINE = "fine"
    TOLD = "told"
    """Nothing is wrong, and a person should know it: shown below a heading of its own."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    title: str
    """What was looked at, in two or three words."""
    says: str
    """What was found, and what to do about it."""
    named: tuple[str, ...] = ()
    """The first ones whom it concerns."""
    others: int = 0
    """How many more there are."""
    choice: Choice | None = None


def fine(title: str | Promise, says: str) -> Finding:
    """Return that all is well."""
    return Finding(level=Level.FINE, title=str(title), says=says)


def leave_open(title: str | Promise, says: str) -> Finding:
    """Return that nobody could look, and why."""
    return Finding(level=Level.OPEN, title=str(title), says=says)


def warn(
    title: str | Promise, says: str, *, concerned: Iterable[str] = (), choice: Choice | None = None
) -> Finding:
    """Return a warning about those `concerned`."""
    return _finding(Level.WARN, title, says, concerned, choice)


def tell(
    title: str | Promise, says: str, *, concerned: Iterable[str] = (), choice: Choice | None = None
) -> Finding:
    """Return what becomes of those `concerned`, as it should."""
    return _finding(Level.TOLD, title, says, concerned, choice)


def block(
    title: str | Promise, says: str, *, concerned: Iterable[str] = (), choice: Choice | None = None
) -> Finding:
    """Return what keeps the mailing from being sent."""
    return _finding(Level.BLOCK, title, says, concerned, choice)


def _finding(
    level: Level, title: str | Promise, says: str, concerned: Iterable[str], choice: Choice | None
) -> Finding:
    everyone = tuple(concerned)
    others = max(0, len(everyone) - NAMED)
    named = everyone[:NAMED]
    return Finding(level=level, title=str(title), says=says, named=named, others=others, choice=choice)
