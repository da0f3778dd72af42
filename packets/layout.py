"""How a packet looks: the order of its students, and what is put between and around their documents."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

LETTERS = "cp1252"
"""The signs that a page's number can have: those of the font that every reader of PDF brings along."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The choices of one packet; it keeps them as JSON."""

    order: str = "chosen"
    """One of `look_words.ORDERS`; by major and by year, contents and bookmarks have a heading for each."""
    has_cover: bool = True
    has_contents: bool = True
    has_dividers: bool = True
    """A page in front of each student's documents."""
    has_numbers: bool = True
    """A number on each page behind the cover."""
    has_manifest: bool = True
    """At the end a page that says what is missing or was left out, and why; none when nothing is."""
    number_format: str = "{page} / {pages}"
    number_place: str = "bottom"
    """One of `look_words.NUMBER_PLACES`."""
    cover_text: str = ""
    """A paragraph on the cover."""
    notice: str = ""
    """On a page of its own behind the cover, for example against passing the documents on."""
    is_linearised: bool = False
    """Whether browsers can show the first page while the rest is still loading; costs time."""
    output: str = "packet"
    """One of `look_words.OUTPUTS`."""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Return the choices that `given` holds; what another version of the platform knew is passed over."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in given.items() if name in known})

    def as_json(self) -> dict[str, Any]:
        """Return the choices that differ from the defaults."""
        plain = asdict(type(self)())
        return {name: value for name, value in asdict(self).items() if value != plain[name]}

    def number(self, *, page: int, pages: int) -> str:
        """Return what is printed on the page `page` of `pages`, from 1."""
        return self.number_format.replace("{page}", str(page)).replace("{pages}", str(pages))


PLAIN = Layout(has_cover=False, has_contents=False, has_dividers=False, has_numbers=False, has_manifest=False)
"""Documents and nothing else, as in a student's own file."""
