"""The status page names nobody: what people write for it is looked through for names."""

import re

from django.utils.translation import gettext as _

from jobs.models import Person, School

LEAST_LETTERS = 4
"""Shorter names are words of their own too often."""


class NamesSomebody(Exception):
    """A text for the public page names a school or a person; the message is a sentence for who wrote it."""


def require_nameless(*texts: str) -> None:
    """Refuse texts that name a school, or somebody's name or mail address.

    Honest limit: only whole names, as they are kept, are found.

    Raises:
        NamesSomebody: with the name.
    """
    whole = "\n".join(texts).casefold()
    people = Person.objects.values_list("name", "email")
    names = [*School.objects.values_list("name", flat=True), *(name for pair in people for name in pair)]
    for name in names:
        if len(name) >= LEAST_LETTERS and re.search(rf"\b{re.escape(name.casefold())}\b", whole):
            message = _(
                "It names “{name}”, and everybody can read the status page. Leave the name out."
            ).format(name=name)
            raise NamesSomebody(message)
