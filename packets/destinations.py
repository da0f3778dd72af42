"""Where a document's links and bookmarks lead: to a place on one of its own pages, or nowhere."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal

import pikepdf

from packets.pieces import Bookmark

Id = tuple[int, int]
VIEWS = {"/XYZ": 3, "/Fit": 0, "/FitH": 1, "/FitV": 1, "/FitR": 4, "/FitB": 0, "/FitBH": 1, "/FitBV": 1}
"""How a page is shown, with how many numbers (ISO 32000-1, table 151)."""
MOST_BOOKMARKS, DEEPEST = 2000, 8


class Destinations:
    """The pages and named places of one document."""

    def __init__(self, pdf: pikepdf.Pdf, pages: Sequence[pikepdf.Object]) -> None:
        """Know the `pages` of `pdf`, and its names."""
        self._pdf, self._pages = pdf, pages
        self._indexes: Mapping[Id, int] = {page.objgen: index for index, page in enumerate(pages)}
        self._names = _tree_of_names(pdf)

    def find(self, given: object) -> tuple[int, str] | None:
        """Return page and view of what a link or bookmark gives; None when it leads nowhere."""
        for _ in range(3):
            if isinstance(given, pikepdf.Name | pikepdf.String):
                given = self._named(given)
            elif isinstance(given, pikepdf.Dictionary):
                given = given.get("/D")
        if not isinstance(given, pikepdf.Array) or not len(given):
            return None
        index = self._index(given[0])
        return None if index is None else (index, _view(given))

    def bookmarks(self) -> tuple[Bookmark, ...]:
        """Return the document's bookmarks that lead to its pages, so many and so deep as is sensible."""
        root = self._pdf.Root.get("/Outlines")
        first = root.get("/First") if isinstance(root, pikepdf.Dictionary) else None
        return tuple(self._read(first, depth=0, seen=set()))

    def _read(self, item: object, *, depth: int, seen: set[Id]) -> Iterator[Bookmark]:
        while isinstance(item, pikepdf.Dictionary) and len(seen) < MOST_BOOKMARKS and item.objgen not in seen:
            seen.add(item.objgen)
            below = item.get("/First") if depth < DEEPEST else None
            inner = tuple(self._read(below, depth=depth + 1, seen=seen))
            place, title = self.find(_destination_of(item)), item.get("/Title")
            if place and isinstance(title, pikepdf.String):
                yield Bookmark(title=str(title), page=place[0], view=place[1], below=inner)
            item = item.get("/Next")

    def _named(self, name: pikepdf.Object) -> object:
        if isinstance(name, pikepdf.Name):
            old = self._pdf.Root.get("/Dests")
            return old.get(str(name)) if isinstance(old, pikepdf.Dictionary) else None
        with suppress(pikepdf.PikepdfError, KeyError, ValueError, RecursionError):
            return self._names[str(name)] if self._names is not None else None
        return None

    def _index(self, page: object) -> int | None:
        if isinstance(page, int | Decimal):
            return int(page) if 0 <= page < len(self._pages) else None
        return self._indexes.get(page.objgen) if isinstance(page, pikepdf.Object) else None


def _tree_of_names(pdf: pikepdf.Pdf) -> pikepdf.NameTree | None:
    names = pdf.Root.get("/Names")
    tree = names.get("/Dests") if isinstance(names, pikepdf.Dictionary) else None
    if not isinstance(tree, pikepdf.Dictionary):
        return None
    with suppress(pikepdf.PikepdfError, ValueError, RuntimeError):
        return pikepdf.NameTree(tree, auto_repair=False)
    return None


def _destination_of(item: pikepdf.Dictionary) -> object:
    action = item.get("/A")
    if isinstance(action, pikepdf.Dictionary) and action.get("/S") == pikepdf.Name.GoTo:
        return action.get("/D")
    return item.get("/Dest")


def _view(given: pikepdf.Array) -> str:
    """Return how the destination shows its page; what it does not say well is `/Fit`."""
    name = str(given[1]) if len(given) > 1 and isinstance(given[1], pikepdf.Name) else ""
    if name not in VIEWS:
        return "/Fit"
    numbers = [given[at] if len(given) > at else None for at in range(2, 2 + VIEWS[name])]
    return " ".join([name, *("null" if number is None else _number(number) for number in numbers)])


def _number(given: object) -> str:
    return f"{float(given):g}" if isinstance(given, int | Decimal | float) else "null"
