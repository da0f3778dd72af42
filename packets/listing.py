"""Students by a pasted list of their numbers or e-mail addresses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from jobs.directory import Student, directory

BETWEEN = re.compile(r"[\n\r,;\t|]+")
LONGEST_LIST = 200_000
"""Signs."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Whom a list means."""

    students: Sequence[Student]
    """In its order, each once."""
    unknown: Sequence[str]
    """What names nobody, as it was written."""


def students_listed(text: str, *, school_id: int) -> Listed:
    """Return whom the list in `text` names: numbers and addresses, one a line or parted by commas.

    Case does not matter. Where several students have an address, it means all of them.
    """
    entries = list(dict.fromkeys(filter(None, map(_plain, BETWEEN.split(text[:LONGEST_LIST])))))
    emails = [entry for entry in entries if "@" in entry]
    numbers = [entry for entry in entries if "@" not in entry]
    found: dict[str, list[Student]] = {}
    for student in directory().students_by_email(school_id=school_id, emails=emails) if emails else []:
        found.setdefault(student.email.lower(), []).append(student)
    for student in _by_number(numbers, school_id=school_id):
        found.setdefault(_plain(student.number).lower(), []).append(student)
    students = {each.id: each for entry in entries for each in found.get(entry.lower(), [])}
    return Listed(
        students=list(students.values()), unknown=[each for each in entries if each.lower() not in found]
    )


def _by_number(numbers: Sequence[str], *, school_id: int) -> list[Student]:
    if not numbers:
        return []
    return directory().students_by_number_in_any_case(school_id=school_id, numbers=numbers)


def _plain(entry: str) -> str:
    return normalize("NFC", entry.replace("\0", "").strip().strip("\"'<>").strip())
