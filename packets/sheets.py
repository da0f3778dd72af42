"""What a preview of a packet shows: pictures of pages, what each is, and sentences."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from packets.book import Book
from packets.pictures import MEDIA_TYPE

OWN_PAGES = 3
"""Of the first student."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One page."""

    label: str
    address: str
    """The picture itself, as a `data:` address."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a person sees."""

    sheets: Sequence[Sheet] = ()
    notes: Sequence[str] = ()
    """Sentences."""


def labels_of(book: Book, *, front: int, is_shown: bool) -> Iterator[tuple[int, str]]:
    """Yield what is shown: the number of a page from 1, and what it is."""
    layout = book.layout
    parts = {
        _("Cover"): layout.has_cover,
        _("Notice"): bool(layout.notice),
        _("Contents"): layout.has_contents,
    }
    names = [name for name, is_there in parts.items() if is_there]
    yield from ((number, name) for number, name in enumerate(names, start=1) if number <= front)
    if is_shown:
        first = book.students[0]
        if layout.has_dividers:
            yield front + 1, _("Page before {student}").format(student=first.name)
        for page in range(1, min(OWN_PAGES, first.pages) + 1):
            yield (
                front + layout.has_dividers + page,
                _("{student}, page {page}").format(student=first.name, page=page),
            )


def address_of(picture: bytes) -> str:
    """Return a picture as an address that holds it."""
    return f"data:{MEDIA_TYPE};base64,{b64encode(picture).decode()}"
