"""Lines of a chart as the paths of an SVG, with the marks of its axes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 560, 150
LEFT, TOP = 48, 8
"""Room for the numbers beside the chart, and above its highest line."""
BOTTOM = 20
"""Room for the times below it."""
MARKS = 3
"""Lines across, above the one at zero."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A number or a time beside an axis."""

    at: float
    says: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a chart."""

    name: str
    look: str
    """Its class in the style sheet."""
    path: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Lines over the same times."""

    name: str
    title: str
    lines: Sequence[Line]
    marks: Sequence[Mark]
    """Numbers, by their height."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


Values = Sequence[float | None]


def draw(*, name: str, title: str, lines: Sequence[tuple[str, str, Values]]) -> Chart:
    """Return the chart of lines, each with its name, look and values; where there is none it has a gap."""
    top = _round_up(max((value for _, _, values in lines for value in values if value), default=1))
    heights = [top * number / MARKS for number in range(MARKS + 1)]
    return Chart(
        name=name,
        title=title,
        lines=[Line(name=said, look=look, path=_path(values, top=top)) for said, look, values in lines],
        marks=[Mark(at=_height(value, top=top), says=f"{value:,.10g}") for value in heights],
    )


def place(number: int, count: int) -> float:
    """Return how far right the `number`-th of `count` moments stands."""
    return round(LEFT + (WIDTH - LEFT) * number / max(1, count - 1), 1)


def _path(values: Values, *, top: float) -> str:
    """Return the path through all values; before a value behind a gap it begins anew."""
    drawn, is_down = [], False
    for number, value in enumerate(values):
        if value is not None:
            drawn.append(f"{'L' if is_down else 'M'}{place(number, len(values))} {_height(value, top=top)}")
            if not is_down:
                drawn.append("h0.1")  # so that one value alone is a point
        is_down = value is not None
    return " ".join(drawn)


def _height(value: float, *, top: float) -> float:
    return round(TOP + (HEIGHT - BOTTOM - TOP) * (1 - value / top), 1)


def _round_up(value: float) -> float:
    """Return the next number, 3 at least, of which a third is short to write: 3, 6, 15, 30, 60, 150."""
    value = max(value, 3)
    power = 10.0 ** math.floor(math.log10(value / 3))
    return next(3 * power * step for step in (1, 2, 5, 10) if 3 * power * step >= value)
