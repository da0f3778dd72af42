"""The words in which people choose how a packet looks. `layout` has none: children without Django read it."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from packets.layout import LETTERS

ORDERS = {
    "chosen": gettext_lazy("As listed"),
    "name": gettext_lazy("By name"),
    "major": gettext_lazy("By major, then by name"),
    "year": gettext_lazy("By year of graduation, then by name"),
}
"""Labels by order."""
NUMBER_PLACES = {
    "bottom": gettext_lazy("Bottom, in the middle"),
    "bottom-left": gettext_lazy("Bottom left"),
    "bottom-right": gettext_lazy("Bottom right"),
    "top-right": gettext_lazy("Top right"),
}
"""Labels by where a page's number is printed."""
OUTPUTS = {
    "packet": gettext_lazy("One PDF with all students"),
    "students": gettext_lazy("A ZIP archive with one PDF for each student, named by their names"),
    "all": gettext_lazy("A ZIP archive with both"),
}
"""Labels by what comes out."""
NUMBER_WORDS = ("{page}", "{pages}")


def wrong_number_format(text: str) -> str:
    """Return a sentence about what is wrong with a format of page numbers; nothing when it is right."""
    unknown = [word for word in re.findall(r"\{[^{}]*\}?|\}", text) if word not in NUMBER_WORDS]
    if unknown:
        return _("“{word}” means nothing here; write {{page}} and {{pages}}.").format(word=unknown[0])
    if "{page}" not in text:
        return _("Write {page} where the number is to stand, as in “Page {page} of {pages}”.")
    try:
        text.encode(LETTERS)
    except UnicodeEncodeError as error:
        says = _("The sign “{sign}” cannot be printed beside page numbers; leave it out.")
        return says.format(sign=text[error.start])
    return ""
