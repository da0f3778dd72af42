"""Data files of students whose every row is known, and what a school has after some of them were imported."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

ROWS = 300
OVERLAP = 30
WRONG = 3
MAJORS = ("Art", "Biology", "Chemistry", "Dance")
HEADINGS = "Student ID,First Name,Last Name,Email,Major,Class Year"

Row = tuple[str, ...]
"""The cells of one row: number, first name, last name, address, major, year."""


@dataclass(frozen=True, kw_only=True)
class DataFile:
    """One file: new students, some of an earlier file with another major and year, and some wrong rows."""

    good: tuple[Row, ...]
    wrong: tuple[Row, ...]

    @property
    def content(self) -> bytes:
        """The file as a person uploads it."""
        rows = [*self.good, *self.wrong]
        return "\n".join([HEADINGS, *(",".join(row) for row in rows), ""]).encode()


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What an import of one file did."""

    new: int
    changed: int
    unchanged: int


def draw_file(number: int, *, random: Random) -> DataFile:
    """Return the file with this number; half of the files before it share some rows with it."""
    places = [(number, place) for place in range(ROWS)]
    if number:
        places += [(number // 2, place) for place in range(OVERLAP)]
    good = tuple(_row(block, place, random=random) for block, place in places)
    wrong = tuple((f"X{number:03}{place:04}", "No", "Address", "nobody", "", "") for place in range(WRONG))
    return DataFile(good=good, wrong=wrong)


def _row(block: int, place: int, *, random: Random) -> Row:
    number = f"U{block:03}{place:04}"
    names = f"First{place}", f"Last{block}"
    year = str(random.randint(2027, 2032))
    return number, *names, f"{number.lower()}@fault.example", random.choice(MAJORS), year


def imported(files: Iterable[DataFile]) -> tuple[dict[str, Row], list[Counts]]:
    """Return the rows by number after `files` were imported in this order, and what each import did."""
    students: dict[str, Row] = {}
    counts = []
    for file in files:
        new = sum(row[0] not in students for row in file.good)
        unchanged = sum(students.get(row[0]) == row for row in file.good)
        counts.append(Counts(new=new, changed=len(file.good) - new - unchanged, unchanged=unchanged))
        students |= {row[0]: row for row in file.good}
    return students, counts
