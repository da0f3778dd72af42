"""Titles and texts with words in braces that are written anew for each packet: `Spring fair {year}`."""

import re
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

WORDS = ("date", "month", "year", "school")
"""What can stand in braces."""


def wrong_word(pattern: str) -> str:
    """Return a sentence about what in the pattern means nothing; nothing when all is right."""
    unknown = [found for found in re.findall(r"\{[^{}]*\}?|\}", pattern) if found[1:-1] not in WORDS]
    if not unknown:
        return ""
    known = ", ".join(f"{{{word}}}" for word in WORDS)
    return _("“{unknown}” means nothing here; these words do: {known}.").format(
        unknown=unknown[0], known=known
    )


def filled(pattern: str, *, school: str, today: date, longest: int | None = None) -> str:
    """Return the title or text for a packet of today, cut to its longest."""
    values = {
        "date": date_format(today, "j F Y"),
        "month": date_format(today, "F Y"),
        "year": str(today.year),
        "school": school,
    }
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), pattern)[:longest].rstrip()
