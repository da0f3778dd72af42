"""Matching: whose a file is, by the student number in its name, such as `00412101.pdf`."""

import re
from collections import defaultdict
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

    The ending does not count, nor whether letters are large or small where one number only is written so. Of
    numbers that stand within each other, such as `L-20417` and `20417`, the longer one counts.
    """
    owners = _owners(names, school=school)
    return {name: next(iter(ids)) if len(ids) == 1 else None for name, ids in owners.items()}


def naming_several(names: Iterable[str], *, school: School) -> set[str]:
    """Return those of `names` that have the numbers of several students in them; no query without names."""
    return {name for name, ids in _owners(names, school=school).items() if len(ids) > 1}


def _owners(names: Iterable[str], *, school: School) -> dict[str, set[int]]:
    places = {name: list(_places(normalize("NFC", PurePath(name).stem))) for name in names}
    numbers = {place.text for found in places.values() for place in found}
    if not numbers:
        return {name: set() for name in places}
    students = directory().students_by_number_in_any_case(school_id=school.pk, numbers=numbers)
    numbered = _numbered(students)
    return {name: _ids(found, numbered) for name, found in places.items()}


Numbered = Mapping[str, Mapping[str, set[int]]]
"""Students by their numbers in lower case, and as written; several only where these look the same."""


def _numbered(students: Iterable[Student]) -> Numbered:
    found: defaultdict[str, dict[str, set[int]]] = defaultdict(dict)
    for student in students:
        number = normalize("NFC", student.number)
        found[number.lower()].setdefault(number, set()).add(student.id)
    return found


def _ids_of(text: str, numbered: Numbered) -> set[int]:
    """Return whose number `text` may be; where numbers differ only by case, whose it is exactly."""
    alike = numbered.get(text.lower(), {})
    return alike.get(text) or set().union(*alike.values())


def _places(stem: str) -> Iterator[_Place]:
    words = list(WORD.finditer(stem))
    for first, word in enumerate(words):
        for last in words[first : first + MOST_WORDS]:
            start, end = word.start(), last.end()
            yield _Place(start=start, end=end, text=stem[start:end])


def _ids(places: Iterable[_Place], numbered: Numbered) -> set[int]:
    found = {place: ids for place in places if (ids := _ids_of(place.text, numbered))}
    outer = [ids for place, ids in found.items() if not any(place.is_within(other) for other in found)]
    sure = [ids for ids in outer if len(ids) == 1]
    return set().union(*(sure or outer))
