"""The status page names nobody: what people write for it is looked through for names."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from django.utils.translation import gettext as _

from jobs.language import listed
from jobs.models import Person, School
from jobs.models.people import PLATFORM

LEAST_LETTERS = 4
"""Shorter names are words of their own too often."""


class NamesSomebody(Exception):
    """A text for the public page names a school or a person; the message is a sentence for who wrote it."""

    def __init__(self, message: str, *, doubtful: Sequence[str] = ()) -> None:
        """Keep the `doubtful` names, with which the writer may go on: those that may be common words."""
        super().__init__(message)
        self.doubtful = doubtful


def require_nameless(*texts: str, meant_otherwise: Collection[str] = ()) -> None:
    """Refuse texts that name a school, by its name or short name, or somebody's name or mail address.

    Letters may be large or small, and blanks any. A family name alone may be a common word: the writer goes
    on by giving it back as one that is `meant_otherwise`.

    Honest limit: only names as they are kept are found, and no given name alone.

    Raises:
        NamesSomebody: with the name.
    """
    whole = _plain("\n".join(texts))
    people = list(Person.objects.values_list("name", "email"))
    for name in [*_names_of_schools(), *(name for pair in people for name in pair)]:
        if _is_in(whole, name):
            message = _(
                "It names “{name}”, and everybody can read the status page. Leave the name out."
            ).format(name=name)
            raise NamesSomebody(message)
    meant = {_plain(word) for word in meant_otherwise}
    families = sorted({_family_name(name) for name, _email in people})
    found = [name for name in families if _plain(name) not in meant and _is_in(whole, name)]
    if found:
        raise NamesSomebody(_words(found), doubtful=found)


def _names_of_schools() -> Iterable[str]:
    for name, slug in School.objects.values_list("name", "slug"):
        yield name
        if slug != PLATFORM:  # what is written there is about the platform
            yield from (slug, slug.replace("-", " "))


def _family_name(name: str) -> str:
    return (name.split() or [""])[-1].strip(".,()")


def _plain(text: str) -> str:
    """Return the text in small letters with single blanks, and without signs that nobody sees."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return " ".join(seen.casefold().split())


def _is_in(whole: str, name: str) -> bool:
    """Say whether the name stands in the text, as whole words."""
    sought = _plain(name)
    if len(sought) < LEAST_LETTERS or sought not in whole:
        return False
    return re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", whole) is not None


def _words(names: Sequence[str]) -> str:
    message = _(
        "It has {names}, as somebody here is called, and everybody can read the status page. Leave it out, "
        "or publish it all the same if nobody is meant."
    )
    return message.format(names=listed([f"“{name}”" for name in names]))
