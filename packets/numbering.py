"""Printing a page's number: a few bytes behind the page's own content, whatever its size and turn."""

from functools import lru_cache

from packets.layout import LETTERS, Layout
from packets.pieces import PiecePage

FONT_NAME = "/SyNo"
"""The font of page numbers among a page's own."""
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
SIZE, BOTTOM, TOP, SIDE, PLATE_MARGIN = 8.0, 20.0, 26.0, 36.0, 3.0
"""In points, of a page as wide as letter paper: the letters, how far they are from edges, white around."""
WIDTH = 612.0
WIDTHS = {
    sign: width
    for width, signs in {
        222: "ijl", 260: "|", 278: " !,./:;I[\\]ft", 333: "()-`r", 334: "{}", 389: "*", 469: "^",
        500: "Jcksvxyz", 584: "+<=>~", 611: "FTZ", 667: "&ABEKPSVXY", 722: "CDHNRUw", 778: "GOQ",
        833: "Mm", 889: "%", 944: "W", 1000: "—", 1015: "@",
    }.items()
    for sign in signs
}  # fmt: skip
"""Of Helvetica's signs in thousandths of the size, from Adobe's metrics; digits and most letters have 556."""
USUAL_WIDTH = 556
Box = tuple[float, float, float, float]
"""What is seen of a page: left, bottom, right, top."""
UNTURNED, QUARTER, HALF, THREE_QUARTERS = 0, 90, 180, 270


def closing(page: PiecePage, *, text: str, place: str = "bottom") -> bytes:
    """Return what ends the page's content: its states are taken back, and `text` stands at its place."""
    ends = b"Q " * (page.closes + 1)
    if not text:
        return ends
    length = sum(WIDTHS.get(sign, USUAL_WIDTH) for sign in text) / 1000 * SIZE
    drawn = f"{_before(page.box, page.turned, length, place)}({_escaped(text)}) Tj ET Q"
    return ends + drawn.encode(LETTERS, "replace")


@lru_cache(maxsize=1000)
def _before(box: Box, turned: int, length: float, place: str) -> str:
    """Return what stands before a text of this `length`; most pages of a packet have it in common."""
    left, bottom, right, top = box
    wide, high = (right - left, top - bottom) if turned % HALF == 0 else (top - bottom, right - left)
    scale = min(wide, high) / WIDTH
    plate = (-length / 2 - PLATE_MARGIN, -PLATE_MARGIN, length + 2 * PLATE_MARGIN, SIZE + PLATE_MARGIN)
    along, up = _middle(place, wide=wide, high=high, scale=scale, length=length)
    return (
        f"q {_turn(box, turned, along=along, up=up, scale=scale)} cm "
        f"1 g {' '.join(_short(each) for each in plate)} re f "
        f".35 g BT {FONT_NAME} {_short(SIZE)} Tf {_short(-length / 2)} 0 Td "
    )


def opening(page: PiecePage) -> bytes:
    """Return what begins the page's content: it keeps the states that the content takes back, and one."""
    return b"q " * (page.opens + 1)


def number_of(layout: Layout, *, position: int, pages: int) -> str:
    """Return what is printed on the page at `position`, from 0; nothing on a cover."""
    if not layout.has_numbers or (layout.has_cover and position == 0):
        return ""
    return layout.number(page=position + 1, pages=pages)


def _middle(place: str, *, wide: float, high: float, scale: float, length: float) -> tuple[float, float]:
    """Return where the middle of a text of this `length` stands on the page as it is seen."""
    edge, _, side = place.partition("-")
    inset = (SIDE + length / 2) * scale
    along = {"left": inset, "right": wide - inset}.get(side, wide / 2)
    return along, high - TOP * scale if edge == "top" else BOTTOM * scale


def _turn(box: Box, turned: int, *, along: float, up: float, scale: float) -> str:
    """Return the matrix that moves to a place of the page as it is seen, from its lower left corner."""
    left, bottom, right, top = box
    matrices = {
        UNTURNED: (scale, 0, 0, scale, left + along, bottom + up),
        QUARTER: (0, scale, -scale, 0, right - up, bottom + along),
        HALF: (-scale, 0, 0, -scale, right - along, top - up),
        THREE_QUARTERS: (0, -scale, scale, 0, left + up, top - along),
    }
    return " ".join(_short(each) for each in matrices[turned])


def _short(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
