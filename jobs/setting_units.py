"""The units of settings in words: by themselves, as beside a field, and with a number."""

from collections.abc import Callable, Mapping

from jobs.language import Words, ngettext
from jobs.language import gettext_lazy as _

NAMED: Mapping[str, Words] = {
    "bytes": _("bytes"),
    "bytes a second": _("bytes a second"),
    "connections": _("connections"),
    "days": _("days"),
    "failures in a row": _("failures in a row"),
    "hours": _("hours"),
    "lane": _("lane"),
    "looks": _("looks"),
    "megabytes": _("megabytes"),
    "minutes": _("minutes"),
    "parts": _("parts"),
    "parts at once": _("parts at once"),
    "pool type": _("pool type"),
    "requests a minute": _("requests a minute"),
    "seconds": _("seconds"),
    "seconds a megabyte": _("seconds a megabyte"),
    "seconds of work": _("seconds of work"),
    "share from 0 to 1": _("share from 0 to 1"),
    "times the usual": _("times the usual"),
    "units": _("units"),
    "units a second": _("units a second"),
    "yes or no": _("yes or no"),
}
"""What stands beside a field, by the unit that its setting declares."""

COUNTED: Mapping[str, Callable[[int], str]] = {
    "connections": lambda number: ngettext("{number} connection", "{number} connections", number),
    "days": lambda number: ngettext("{number} day", "{number} days", number),
    "failures in a row": lambda number: ngettext(
        "{number} failure in a row", "{number} failures in a row", number
    ),
    "hours": lambda number: ngettext("{number} hour", "{number} hours", number),
    "looks": lambda number: ngettext("{number} look", "{number} looks", number),
    "megabytes": lambda number: ngettext("{number} megabyte", "{number} megabytes", number),
    "minutes": lambda number: ngettext("{number} minute", "{number} minutes", number),
    "parts": lambda number: ngettext("{number} part", "{number} parts", number),
    "parts at once": lambda number: ngettext("{number} part at once", "{number} parts at once", number),
    "parts at once to one outside service": lambda number: ngettext(
        "{number} part at once to one outside service",
        "{number} parts at once to one outside service",
        number,
    ),
    "requests a minute": lambda number: ngettext(
        "{number} request a minute", "{number} requests a minute", number
    ),
    "seconds": lambda number: ngettext("{number} second", "{number} seconds", number),
    "seconds a megabyte": lambda number: ngettext(
        "{number} second a megabyte", "{number} seconds a megabyte", number
    ),
    "seconds of work": lambda number: ngettext("{number} second of work", "{number} seconds of work", number),
    "share from 0 to 1": lambda number: ngettext(
        "{number} share from 0 to 1", "{number} share from 0 to 1", number
    ),
    "times the usual": lambda number: ngettext("{number} time the usual", "{number} times the usual", number),
    "units": lambda number: ngettext("{number} unit", "{number} units", number),
    "units a second": lambda number: ngettext("{number} unit a second", "{number} units a second", number),
}
"""All that pages tell numbers of. Bytes are told in the largest of their units."""

SOME = 2
"""A fraction takes the form of so many: 0.5 seconds."""


def unit_words(unit: str) -> str:
    """Return what pages call a unit of settings, by itself.

    Raises:
        KeyError: `NAMED` does not have it, so that nobody could translate it.
    """
    return str(NAMED[unit])


def amount(value: float, unit: str, *, written: str) -> str:
    """Return so much of a unit, with the number as it is `written`: `1 unit a second`, `0.5 seconds`.

    Raises:
        KeyError: `COUNTED` does not have the unit, so that nobody could translate it.
    """
    whole = int(value) if float(value).is_integer() else SOME
    return COUNTED[unit](whole).format(number=written)
