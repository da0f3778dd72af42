"""Normalising one document into a piece, in a child process that may take only so much memory and time.

Nothing here asks the database or the settings: who starts the child passes the limits. What a document does
(scripts, actions, attached files, form fields) is taken out by taking only its pages, what they draw, links
and bookmarks; the values of form fields, notes and stamps are drawn into their pages.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from packets import drawing
from packets.destinations import Destinations
from packets.gathering import Lost, TooManyObjects, gather
from packets.links import kept_links
from packets.marking import gettext_noop
from packets.numbering import FONT_NAME
from packets.opening import DAMAGED, Opened, Unusable, open_source
from packets.pieces import CLOSING, FONT, OPENING, PARENT, Piece, PiecePage, PieceWriter

VERSION = 2
"""Of what is done here: with another one, all documents are normalised anew."""
KEPT_KEYS = {
    "/Type", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/Group", "/UserUnit",
}  # fmt: skip
INHERITED = {"/MediaBox", "/CropBox", "/Rotate", "/Resources"}
DEEPEST_TREE = 500
BROKEN = (pikepdf.PikepdfError, RuntimeError, ValueError, OverflowError)
"""What qpdf and its Python side say of a document that is not what it claims to be."""
TOO_MANY_OBJECTS = gettext_noop("It is made of too many pieces; print it to a new PDF and upload that.")


def normalise(*, source: str, target: str, pages: int, is_ours: bool = False) -> dict[str, Any]:
    """Write the piece of the document at the path `source` to `target`, and return what it has.

    `pages` is the most that a document may have; `is_ours` says that the packet itself set it. Returned are
    `pages`, `bytes` and `is_repaired`, or a `reason` why it cannot be used, and whether that `is_lasting`, or
    hangs on the limits.
    """
    try:
        with ExitStack() as stack:
            folder = Path(target).parent
            opened = open_source(Path(source), folder=folder, most_pages=pages, stack=stack)
            count, size = _write(opened, target=Path(target), is_ours=is_ours)
    except Unusable as unusable:
        said = {"sentence": unusable.sentence, "values": unusable.values}
        return {"reason": str(unusable), "is_lasting": unusable.is_lasting, **said}
    except TooManyObjects:
        return {"reason": TOO_MANY_OBJECTS, "is_lasting": True}
    except (Lost, *BROKEN):
        return {"reason": DAMAGED, "is_lasting": True}
    return {"pages": count, "bytes": size, "is_repaired": opened.is_repaired}


def _write(opened: Opened, *, target: Path, is_ours: bool) -> tuple[int, int]:
    pdf = opened.pdf
    _draw_fields(pdf)
    pages: list[pikepdf.Object] = [page.obj for page in pdf.pages]
    for page in pages:
        _inherit(page)
    places = Destinations(pdf, pages)
    links = [kept_links(page, pages=pages, places=places, is_ours=is_ours) for page in pages]
    bookmarks = list(places.bookmarks())
    balances = [(0, 0) if is_ours else drawing.balance(page) for page in pages]
    slots = {name: pdf.make_indirect(Dictionary(Slot=name)) for name in (PARENT, FONT, OPENING, CLOSING)}
    for page, kept in zip(pages, links, strict=True):
        _make_ready(page, links=kept, slots=slots)
    with target.open("wb") as output:
        writer = PieceWriter(output)
        numbers = {slot.objgen: name for name, slot in slots.items()}
        objects = gather(pdf, pages, slots=numbers, writer=writer, is_whole=opened.is_repaired)
        pages_of_piece = [
            PiecePage(place, drawing.box_of(page), drawing.turned(page), *balances[place])
            for place, page in enumerate(pages)
        ]
        piece = Piece(objects=objects, pages=pages_of_piece, bookmarks=bookmarks)
        return len(pages), writer.end(piece)


def _draw_fields(pdf: pikepdf.Pdf) -> None:
    """Draw what form fields, notes and stamps show into their pages."""
    form = pdf.Root.get("/AcroForm")
    if isinstance(form, Dictionary) and (bool(form.get("/NeedAppearances")) or not _has_drawings(pdf)):
        form.NeedAppearances = True
        pdf.generate_appearance_streams()
    if _has_drawings(pdf):
        pdf.flatten_annotations("all")


def _has_drawings(pdf: pikepdf.Pdf) -> bool:
    return any(_is_drawn(each) for page in pdf.pages for each in _annotations(page.obj))


def _annotations(page: pikepdf.Object) -> list[pikepdf.Object]:
    found = page.get("/Annots")
    return (
        [each for each in found.as_list() if isinstance(each, Dictionary)] if isinstance(found, Array) else []
    )


def _is_drawn(annotation: pikepdf.Object) -> bool:
    return annotation.get("/Subtype") != Name.Link and "/AP" in annotation


def _make_ready(
    page: pikepdf.Object, *, links: list[Dictionary], slots: Mapping[int, pikepdf.Object]
) -> None:
    """Leave of the page what may be in a packet, with holes for what the packet adds to it."""
    for key in set(page.keys()) - KEPT_KEYS:
        del page[key]
    page.Type = Name.Page
    if links:
        page.Annots = Array(links)
    page.Resources = _with_font(page.get("/Resources"), slots[FONT])
    page.Contents = Array([slots[OPENING], *_contents(page.get("/Contents")), slots[CLOSING]])
    page.Parent = slots[PARENT]


def _inherit(page: pikepdf.Object) -> None:
    """Give to the page what it has from the tree above it."""
    above: Any = page
    for _ in range(DEEPEST_TREE):
        above = above.get("/Parent")
        if not isinstance(above, Dictionary):
            return
        for key in INHERITED - set(page.keys()):
            if (value := above.get(key)) is not None:
                page[key] = value


def _with_font(resources: object, font: pikepdf.Object) -> Dictionary:
    kept = dict(resources.items()) if isinstance(resources, Dictionary) else {}
    fonts = kept.get("/Font")
    own = dict(fonts.items()) if isinstance(fonts, Dictionary) else {}
    return Dictionary({**kept, "/Font": Dictionary({**own, FONT_NAME: font})})


def _contents(given: object) -> list[pikepdf.Object]:
    streams = given.as_list() if isinstance(given, Array) else [given]
    return [each for each in streams if isinstance(each, pikepdf.Stream)]
