"""How a page is shown, and whether its content leaves the state of drawing as it found it."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pikepdf

LETTER = (0.0, 0.0, 612.0, 792.0)
"""A page that says no size has this one, as viewers do."""
LARGEST = 200 * 72.0
"""Points of a side; viewers show nothing larger (ISO 32000-1, annex C)."""


def box_of(page: pikepdf.Object) -> tuple[float, float, float, float]:
    """Return what is seen of the page: its crop box where that lies within its media box."""
    media = _box(page.get("/MediaBox")) or LETTER
    crop = _box(page.get("/CropBox")) or media
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if right > left and top > bottom else media


def turned(page: pikepdf.Object) -> int:
    """Return by how many degrees the page is turned clockwise: 0, 90, 180 or 270."""
    given = page.get("/Rotate", 0)
    return int(given) // 90 * 90 % 360 if isinstance(given, int | Decimal) else 0


def balance(page: pikepdf.Object) -> tuple[int, int]:
    """Return how many states the content takes back without having kept them, and keeps without taking back.

    Content that cannot be read counts as balanced, as viewers stop at what they cannot read.
    """
    opens = depth = 0
    with suppress(pikepdf.PikepdfError, RuntimeError, ValueError):
        for instruction in pikepdf.parse_content_stream(page, "q Q"):
            depth += 1 if str(instruction.operator) == "q" else -1
            if depth < 0:
                opens, depth = opens + 1, 0
    return opens, depth


def _box(given: object) -> tuple[float, float, float, float] | None:
    if not isinstance(given, pikepdf.Array) or len(given) != len(LETTER):
        return None
    values: list[Any] = list(given.as_list())
    numbers = [float(each) for each in values if isinstance(each, int | float | Decimal)]
    if len(numbers) != len(LETTER):
        return None
    left, right = sorted((numbers[0], numbers[2]))
    bottom, top = sorted((numbers[1], numbers[3]))
    return (left, bottom, right, top) if right > left and top > bottom else None
