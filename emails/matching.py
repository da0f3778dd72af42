"""Matching: whose a file is, by the student number in its name, such as `00412101.pdf`."""

import re
from collections.abc import Iterable
from pathlib import PurePath

from jobs.directory import directory
from jobs.models import School

APART = re.compile(r"[^0-9A-Za-z]+")


def numbers_in(name: str) -> list[str]:
    """Return what in the file's `name` may be a student number: the whole of it, and its words."""
    stem = PurePath(name).stem.strip()
    return list(dict.fromkeys(word for word in (stem, *APART.split(stem)) if word))


def match(names: Iterable[str], *, school: School) -> dict[str, int | None]:
    """Return by name the id of the student whose file it is; None when it names nobody, or two students."""
    words = {name: numbers_in(name) for name in names}
    numbers = {word for found in words.values() for word in found}
    students = directory().students_by_number(school_id=school.pk, numbers=numbers)
    return {
        name: _only({students[word].id for word in found if word in students})
        for name, found in words.items()
    }


def _only(ids: set[int]) -> int | None:
    return next(iter(ids)) if len(ids) == 1 else None
