"""What a unit of a kind costs: seconds of work for a unit and for a megabyte, learned past outliers.

A price holds as far as parts were seen. Light ones do not tell what heavier ones cost: beyond the heaviest
that are known, a megabyte costs an assumed price at least, until enough parts of such a weight are known.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

LEAST_SECONDS = 1e-6
"""What anything costs at least: expectations are divided by."""
OTHER_SIZES = 5
"""So many parts must differ in size from the usual before a price of a megabyte can be told."""
SIZE_DIFFERS, SIZE_DIFFERS_MEGABYTES = 0.2, 0.05
"""Sizes differ by this share of the usual, and by so many megabytes a unit."""
START_POINTS = 30
"""Of the parts of usual and of other size, so many each give the first guess."""
ROUNDS = 15
SCALE = 0.5
"""Residuals beyond this (of a logarithm: a factor of 1.65) count less and less."""
NORMAL_MAD = 1.4826
"""Standard deviation of a normal distribution, in median absolute deviations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One part that was done."""

    units: float
    megabytes: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What work of a kind costs."""

    unit_seconds: float
    """Seconds of work for a unit."""
    megabyte_seconds: float = 0
    """Seconds of work for a megabyte, beside that."""
    spread: float = 1
    """The factor by which parts usually differ from the expected, 1 for not at all."""
    known_megabytes: float = 0
    """The megabytes a unit up to which enough parts are known."""
    assumed_megabyte_seconds: float = 0
    """What a megabyte beyond that costs at least."""

    def seconds(self, *, units: float, megabytes: float) -> float:
        """Return the seconds of work that so much is expected to take."""
        dearer = max(0.0, self.assumed_megabyte_seconds - self.megabyte_seconds)
        assumed = units * self.unknown_megabytes(megabytes / units) * dearer if units else 0.0
        return max(LEAST_SECONDS, units * self.unit_seconds + megabytes * self.megabyte_seconds + assumed)

    def unknown_megabytes(self, size: float) -> float:
        """Return how far units of `size` megabytes are beyond what is known; 0 when they are not."""
        return max(0.0, size - self.known_megabytes * (1 + SIZE_DIFFERS) - SIZE_DIFFERS_MEGABYTES)


@dataclass(frozen=True, slots=True)
class _Point:
    """A part by the unit: megabytes and seconds of one unit, and how much that tells."""

    size: float
    seconds: float
    weight: float


def learn(samples: Iterable[Sample]) -> Cost | None:
    """Return what `samples` teach; None when there is none.

    Holds while fewer than about three in ten are outliers, whatever they are. Where sizes do not differ,
    all is counted by the unit; what lighter ones would cost is not known then. The first guess is the median
    of slopes (Theil 1950, Sen 1968); least squares of the logarithm follow, with weights that forget outliers
    (Cauchy's).
    """
    points = [_point(sample) for sample in samples if sample.units > 0]
    if not points:
        return None
    usual_size = median(point.size for point in points)
    differs = max(SIZE_DIFFERS_MEGABYTES, SIZE_DIFFERS * usual_size)
    others = [point for point in points if abs(point.size - usual_size) > differs]
    if len(others) < OTHER_SIZES:
        line = (_weighted_median(points), 0.0)
    else:
        alike = [point for point in points if abs(point.size - usual_size) <= differs]
        line = _refined(points, start=_first_guess(alike, others, differs=differs))
    return Cost(
        unit_seconds=line[0],
        megabyte_seconds=line[1],
        spread=_spread(points, line),
        known_megabytes=_known_size(points),
    )


def _known_size(points: Sequence[_Point]) -> float:
    """Return the size that enough points reach; where there are fewer in all, that of the lightest."""
    heaviest = sorted((point.size for point in points), reverse=True)
    return heaviest[:OTHER_SIZES][-1]


Line = tuple[float, float]
"""Seconds of a unit of no size, and of a megabyte."""


def _point(sample: Sample) -> _Point:
    seconds = max(LEAST_SECONDS, sample.seconds / sample.units)
    return _Point(sample.megabytes / sample.units, seconds, math.sqrt(sample.units))


def _at(line: Line, point: _Point) -> float:
    return max(LEAST_SECONDS, line[0] + line[1] * point.size)


def _first_guess(alike: Sequence[_Point], others: Sequence[_Point], *, differs: float) -> Line:
    chosen = [*_evenly(alike), *_evenly(others)]
    slopes = [
        (one.seconds - other.seconds) / (one.size - other.size)
        for place, one in enumerate(chosen)
        for other in chosen[:place]
        if abs(one.size - other.size) > differs / 2
    ]
    slope = max(0.0, median(slopes)) if slopes else 0.0
    return _not_negative(median(point.seconds - slope * point.size for point in chosen), slope, chosen)


def _evenly(points: Sequence[_Point]) -> Sequence[_Point]:
    return points[:: math.ceil(len(points) / START_POINTS)] if points else points


def _refined(points: Sequence[_Point], *, start: Line) -> Line:
    line = start
    for _ in range(ROUNDS):
        line = _least_squares([_pulled(point, line) for point in points], before=line)
    return line


def _pulled(point: _Point, line: Line) -> _Point:
    """Return the point as one step of least squares on logarithms sees it (Gauss and Newton's).

    Its weight is relative to its size, and the less the farther it is from the line.
    """
    expected = _at(line, point)
    residual = math.log(point.seconds / expected)
    weight = point.weight / (expected * expected * (1 + (residual / SCALE) ** 2))
    return _Point(point.size, expected * (1 + residual), weight)


def _least_squares(points: Sequence[_Point], *, before: Line) -> Line:
    total = sum(point.weight for point in points)
    size = sum(point.weight * point.size for point in points) / total
    seconds = sum(point.weight * point.seconds for point in points) / total
    both = squares = 0.0
    for point in points:
        both += point.weight * (point.size - size) * (point.seconds - seconds)
        squares += point.weight * (point.size - size) ** 2
    if squares <= 0:
        return before
    slope = max(0.0, both / squares)
    return _not_negative(seconds - slope * size, slope, points)


def _not_negative(unit_seconds: float, slope: float, points: Sequence[_Point]) -> Line:
    """Return the line; where units without size would cost less than nothing, all is size."""
    if unit_seconds > 0:
        return unit_seconds, slope
    sized = [point for point in points if point.size > 0]
    return LEAST_SECONDS, median(point.seconds / point.size for point in sized) if sized else slope


def _weighted_median(points: Sequence[_Point]) -> float:
    half = sum(point.weight for point in points) / 2
    ordered = sorted(points, key=lambda point: point.seconds)
    for point in ordered:
        half -= point.weight
        if half <= 0:
            return point.seconds
    return ordered[-1].seconds


def _spread(points: Sequence[_Point], line: Line) -> float:
    residuals = [math.log(point.seconds / _at(line, point)) for point in points]
    middle = median(residuals)
    return math.exp(NORMAL_MAD * median(abs(residual - middle) for residual in residuals))
