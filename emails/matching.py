"""Matching: whose a file is, by the student number in its name, such as `00412101.pdf`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from unicodedata import normalize

from jobs.directory import Student, directory
from jobs.models import School

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 4
"""A number has so many words at most: `L-20417` has two."""


@dataclass(frozen=True, kw_only=True)
class _Place:
    """What stands in a name between two signs that are no letters or digits, or an end of it."""

    start: int
    end: int
    text: str

    def is_within(self, other: "_Place") -> bool:
        """Whether it is a part of `other`."""
        return other.start <= self.start and self.end <= other.end and self != other


def match(names: Iterable[str], *, school: School) -> dict[str, int | None]:
    """Return by name the id of the student whose file it is; None when it names nobody, or two students.

    The ending does not count. Of numbers that stand within each other, such as `L-20417` and `20417`, the
    longer one counts.
    """
    places = {name: list(_places(normalize("NFC", PurePath(name).stem))) for name in names}
    numbers = {place.text for found in places.values() for place in found}
    students = directory().students_by_number(school_id=school.pk, numbers=numbers)
    return {name: _owner(found, students) for name, found in places.items()}


def _places(stem: str) -> Iterator[_Place]:
    words = list(WORD.finditer(stem))
    for first, word in enumerate(words):
        for last in words[first : first + MOST_WORDS]:
            start, end = word.start(), last.end()
            yield _Place(start=start, end=end, text=stem[start:end])


def _owner(places: Iterable[_Place], students: Mapping[str, Student]) -> int | None:
    found = [place for place in places if place.text in students]
    longest = [place for place in found if not any(place.is_within(other) for other in found)]
    ids = {students[place.text].id for place in longest}
    return next(iter(ids)) if len(ids) == 1 else None
