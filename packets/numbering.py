"""Printing a page's number: a few bytes behind the page's own content, whatever its size and turn."""

from packets.layout import Layout
from packets.pieces import PiecePage

FONT_NAME = "/SyNo"
"""The font of page numbers among a page's own."""
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
SIZE, BOTTOM, PLATE_MARGIN = 8.0, 20.0, 3.0
"""In points, of a page as wide as letter paper: the letters, their height above the edge, white around."""
WIDTH = 612.0
WIDTHS = {" ": 278, "/": 278, ".": 278, ",": 278, ":": 278, "-": 333, "(": 333, ")": 333}
"""Of Helvetica's signs in thousandths of the size, from Adobe's metrics; digits have 556."""
USUAL_WIDTH = 556
UNTURNED, QUARTER, HALF, THREE_QUARTERS = 0, 90, 180, 270


def closing(page: PiecePage, *, text: str) -> bytes:
    """Return what ends the page's content: its states are taken back, and `text` stands at the bottom."""
    ends = b"Q " * (page.closes + 1)
    if not text:
        return ends
    left, bottom, right, top = page.box
    wide, high = (right - left, top - bottom) if page.turned % HALF == 0 else (top - bottom, right - left)
    scale = min(wide, high) / WIDTH
    length = sum(WIDTHS.get(sign, USUAL_WIDTH) for sign in text) / 1000 * SIZE
    plate = (-length / 2 - PLATE_MARGIN, -PLATE_MARGIN, length + 2 * PLATE_MARGIN, SIZE + PLATE_MARGIN)
    drawn = (
        f"q {_turn(page, along=wide / 2, up=BOTTOM * scale, scale=scale)} cm "
        f"1 g {' '.join(_short(each) for each in plate)} re f "
        f".35 g BT {FONT_NAME} {_short(SIZE)} Tf {_short(-length / 2)} 0 Td ({_escaped(text)}) Tj ET Q"
    )
    return ends + drawn.encode("latin-1", "replace")


def opening(page: PiecePage) -> bytes:
    """Return what begins the page's content: it keeps the states that the content takes back, and one."""
    return b"q " * (page.opens + 1)


def number_of(layout: Layout, *, position: int, pages: int) -> str:
    """Return what is printed on the page at `position`, from 0; nothing on a cover."""
    if not layout.has_numbers or (layout.has_cover and position == 0):
        return ""
    return layout.number(page=position + 1, pages=pages)


def _turn(page: PiecePage, *, along: float, up: float, scale: float) -> str:
    """Return the matrix that moves to a place of the page as it is seen, from its lower left corner."""
    left, bottom, right, top = page.box
    matrices = {
        UNTURNED: (scale, 0, 0, scale, left + along, bottom + up),
        QUARTER: (0, scale, -scale, 0, right - up, bottom + along),
        HALF: (-scale, 0, 0, -scale, right - along, top - up),
        THREE_QUARTERS: (0, -scale, scale, 0, left + up, top - along),
    }
    return " ".join(_short(each) for each in matrices[page.turned])


def _short(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
