"""What the files of a packet are called."""

import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _


def file_names(title: str, *, archives: int = 0, is_bundle: bool = False) -> list[str]:
    """Return the names that downloads of the packet get.

    That of the packet comes first, then those of so many `archives`. A bundle is an archive itself.
    """
    plain = plain_name(title)
    each = _("{plain}, each student").format(plain=plain)
    numbered = [
        _("{each} {number} of {archives}.zip").format(each=each, number=number, archives=archives)
        for number in range(1, archives + 1)
    ]
    return [
        f"{plain}.zip" if is_bundle else f"{plain}.pdf",
        *([f"{each}.zip"] if archives == 1 else numbered),
    ]


def plain_name(title: str, *, otherwise: str = "") -> str:
    """Return the title without what file systems refuse; where nothing is left `otherwise`, or “Packet”."""
    return " ".join(re.sub(r"[^\w ,.()&'-]+", " ", title).split()).strip(". ") or otherwise or _("Packet")


def different_names(names: Iterable[str]) -> Iterator[str]:
    """Yield a file's name for each of these; those that are the same but for their case get numbers."""
    taken: set[str] = set()
    for name in names:
        plain = found = plain_name(name, otherwise=_("Student"))
        number = 1
        while found.casefold() in taken:
            number += 1
            found = f"{plain} {number}"
        taken.add(found.casefold())
        yield found
