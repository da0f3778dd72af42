"""The time zones that a person can choose from."""

from collections import defaultdict
from zoneinfo import available_timezones

from django.utils import timezone
from django.utils.translation import gettext

NO_PLACES = frozenset({"Etc", "SystemV"})
"""First words of names under which there are no places."""


def choices() -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Return the time zones to choose from, by region; an empty name first, for that of the platform."""
    regions: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(available_timezones()):
        region, _, place = name.partition("/")
        if place and region not in NO_PLACES:
            regions[region].append((name, place.replace("_", " ")))
    usual = gettext("That of the platform: {zone}").format(zone=timezone.get_default_timezone_name())
    return [("", usual), *regions.items()]
