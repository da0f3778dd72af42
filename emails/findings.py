"""Findings: what the pre-flight says of a mailing, each with how grave it is and whom it concerns."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

NAMED = 10


class Level(StrEnum):
    """How grave a finding is; in the order in which they are shown."""

    BLOCK = "block"
    """The mailing cannot be sent like this."""
    WARN = "warn"
    """It can, if that is what the person wants."""
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


def fine(title: str, says: str) -> Finding:
    """Return that all is well."""
    return Finding(level=Level.FINE, title=title, says=says)


def warn(title: str, says: str, *, concerned: Iterable[str] = ()) -> Finding:
    """Return a warning about those `concerned`."""
    return _finding(Level.WARN, title, says, concerned)


def tell(title: str, says: str, *, concerned: Iterable[str] = ()) -> Finding:
    """Return what becomes of those `concerned`, as it should."""
    return _finding(Level.TOLD, title, says, concerned)


def block(title: str, says: str, *, concerned: Iterable[str] = ()) -> Finding:
    """Return what keeps the mailing from being sent."""
    return _finding(Level.BLOCK, title, says, concerned)


def _finding(level: Level, title: str, says: str, concerned: Iterable[str]) -> Finding:
    everyone = tuple(concerned)
    others = max(0, len(everyone) - NAMED)
    return Finding(level=level, title=title, says=says, named=everyone[:NAMED], others=others)
