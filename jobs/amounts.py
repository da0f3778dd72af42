"""Amounts in words: numbers of things, and lengths of time."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from jobs.language import gettext, ngettext

NOUNS: Mapping[str, Callable[[int], str]] = {
    "day": lambda number: ngettext("{:,} day", "{:,} days", number),
    "document": lambda number: ngettext("{:,} document", "{:,} documents", number),
    "file": lambda number: ngettext("{:,} file", "{:,} files", number),
    "hour": lambda number: ngettext("{:,} hour", "{:,} hours", number),
    "job": lambda number: ngettext("{:,} job", "{:,} jobs", number),
    "link": lambda number: ngettext("{:,} link", "{:,} links", number),
    "mail": lambda number: ngettext("{:,} mail", "{:,} mails", number),
    "minute": lambda number: ngettext("{:,} minute", "{:,} minutes", number),
    "more worker": lambda number: ngettext("{:,} more worker", "{:,} more workers", number),
    "other job": lambda number: ngettext("{:,} other job", "{:,} other jobs", number),
    "other school": lambda number: ngettext("{:,} other school", "{:,} other schools", number),
    "page": lambda number: ngettext("{:,} page", "{:,} pages", number),
    "part": lambda number: ngettext("{:,} part", "{:,} parts", number),
    "program": lambda number: ngettext("{:,} program", "{:,} programs", number),
    "row": lambda number: ngettext("{:,} row", "{:,} rows", number),
    "school": lambda number: ngettext("{:,} school", "{:,} schools", number),
    "second": lambda number: ngettext("{:,} second", "{:,} seconds", number),
    "student": lambda number: ngettext("{:,} student", "{:,} students", number),
    "whole worker": lambda number: ngettext("{:,} whole worker", "{:,} whole workers", number),
    "worker": lambda number: ngettext("{:,} worker", "{:,} workers", number),
}
"""All that `count` counts, by the English noun."""


UNITS: Mapping[str, Callable[[], str]] = {
    "canaries": lambda: gettext("canaries"),
    "codes": lambda: gettext("codes"),
    "documents": lambda: gettext("documents"),
    "links": lambda: gettext("links"),
    "mails": lambda: gettext("mails"),
    "messages": lambda: gettext("messages"),
    "rows": lambda: gettext("rows"),
    "units": lambda: gettext("units"),
}
"""What kinds call their units, as a word of its own, in the plural."""


def count(number: int, noun: str) -> str:
    """Return a number of things: `1 part`, `1,200 parts`.

    Raises:
        KeyError: `NOUNS` does not have the noun, so that nobody could translate it.
    """
    return NOUNS[noun](number).format(number)


def count_units(number: int, unit: str) -> str:
    """Return a number of a kind's units in words: `1 document`, `1,200 mails`. Others than `NOUNS` stay."""
    noun = unit.removesuffix("s")
    if noun in NOUNS:
        return count(number, noun)
    return f"1 {noun}" if number == 1 else f"{number:,} {unit}"


def units_named(unit: str) -> str:
    """Return the word for a kind's units, in the plural; those that are not in `UNITS` stay."""
    return UNITS[unit]() if unit in UNITS else unit


def length(span: timedelta) -> str:
    """Return a length of time in its largest unit of which there are two or more; a second at least."""
    seconds = max(1, round(span.total_seconds()))
    for unit, unit_seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * unit_seconds:
            return count(round(seconds / unit_seconds), unit)
    return count(seconds, "second")
