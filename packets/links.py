"""What is kept of a page's annotations: links within its document, and to addresses that a browser opens."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from packets.destinations import Destinations

SCHEMES = ("http:", "https:", "mailto:", "tel:")
OWN_SCHEME = "packet:"
"""In pages that we set ourselves: leads to the place of that name in the packet."""
MOST_LINKS = 1000
NUMBERS = (int, Decimal, float)


def kept_links(
    page: pikepdf.Object, *, pages: Sequence[pikepdf.Object], places: Destinations, is_ours: bool
) -> list[Dictionary]:
    """Return new annotations for the links of `page` that lead somewhere; nothing else of them is kept."""
    found = page.get("/Annots")
    if not isinstance(found, Array):
        return []
    links = []
    for annotation in list(found.as_list())[:MOST_LINKS]:
        is_link = isinstance(annotation, Dictionary) and annotation.get("/Subtype") == Name.Link
        if is_link and (target := _target(annotation, pages=pages, places=places, is_ours=is_ours)):
            links.append(Dictionary({**_looks(annotation), **target}))
    return links


def _looks(annotation: pikepdf.Object) -> dict[str, Any]:
    kept: dict[str, Any] = {"/Type": Name.Annot, "/Subtype": Name.Link, "/Border": Array([0, 0, 0])}
    for key in ("/Rect", "/QuadPoints", "/C", "/Border"):
        given = annotation.get(key)
        numbers: list[Any] = list(given.as_list()) if isinstance(given, Array) else []
        if numbers and all(isinstance(each, NUMBERS) for each in numbers):
            kept[key] = Array(numbers)
    kept.setdefault("/Rect", Array([0, 0, 0, 0]))
    return kept


def _target(
    annotation: pikepdf.Object, *, pages: Sequence[pikepdf.Object], places: Destinations, is_ours: bool
) -> dict[str, Any] | None:
    action = annotation.get("/A")
    given = annotation.get("/Dest")
    if isinstance(action, Dictionary):
        if action.get("/S") == Name.URI:
            return _address(action.get("/URI"), is_ours=is_ours)
        given = action.get("/D") if action.get("/S") == Name.GoTo else None
    place = places.find(given)
    if place is None:
        return None
    index, view = place
    return {"/Dest": Array([pages[index], *pikepdf.Object.parse(f"[{view}]".encode()).as_list()])}


def _address(given: object, *, is_ours: bool) -> dict[str, Any] | None:
    if not isinstance(given, String):
        return None
    address = bytes(given)
    plain = address.decode("latin-1").strip().lower()
    if is_ours and plain.startswith(OWN_SCHEME):
        return {"/Dest": String(plain.removeprefix(OWN_SCHEME))}
    if plain.startswith(SCHEMES):
        return {"/A": Dictionary(S=Name.URI, URI=String(address))}
    return None
