"""Made-up students: a registrar's file, its good rows alone, and what is known before."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

FIRST = (
    "Maya",
    "Jordan",
    "Zuri",
    "Tariq",
    "Leo",
    "Søren",
    "María",
    "Ana",
    "Bo",
    "Chloé",
    "Nguyễn",
    "O'Brien",
)
LAST = ("Lee", "Achterberg", "Hansen", "Tran", "Edwards", "Abbott", "Choi", "Cruz", "Müller", "van der Berg")
MAJORS = ("Nursing", "English", "Computer Science", "Psychology", "Mechanical Engineering", "Arts, Fine", "")
HEADINGS = ("Student ID", "First Name", "Last Name", "Email", "Major", "Class Year")
WRONG_SHARE = 0.01
SEED = 20261129


@dataclass(frozen=True, kw_only=True)
class Files:
    """The files of one size."""

    rows: int
    mixed: Path
    """All rows, one in a hundred wrong, in one of nine ways."""
    clean: Path
    """The good rows alone, in the order of the table's columns and without headings."""
    known: dict[str, Path]
    """Rows that are known before: `none`, `changed` for half of the keys with other values, and `mostly_same`
    for half of the keys, so that a third of all rows are unchanged."""


def make_files(folder: Path, *, rows: int) -> Files:
    """Write the files of this size."""
    chance = Random(SEED)
    numbers = list(range(rows))
    chance.shuffle(numbers)
    files = Files(
        rows=rows,
        mixed=folder / f"mixed-{rows}.csv",
        clean=folder / f"clean-{rows}.csv",
        known={name: folder / f"{name}-{rows}.csv" for name in ("none", "changed", "mostly_same")},
    )
    files.known["none"].touch()
    with (
        files.mixed.open("w", encoding="utf-8", newline="") as mixed,
        files.clean.open("w", encoding="utf-8", newline="") as clean,
        files.known["changed"].open("w", encoding="utf-8", newline="") as changed,
        files.known["mostly_same"].open("w", encoding="utf-8", newline="") as mostly_same,
    ):
        mixed.write(",".join(HEADINGS) + "\r\n")
        for number in numbers:
            cells = _student(number, chance)
            is_wrong = chance.random() < WRONG_SHARE
            mixed.write(_line(_spoilt(cells, chance) if is_wrong else cells, end="\r\n"))
            if not is_wrong:
                clean.write(_line(cells))
            if number % 2:
                other = [*cells[:4], "Undecided", "2031"]
                changed.write(_line(other))
                mostly_same.write(_line(cells if number % 3 else other))
    return files


def _student(number: int, chance: Random) -> list[str]:
    first, last = chance.choice(FIRST), chance.choice(LAST)
    address = f"s{number}.{last[:1].lower() if last.isascii() else 'x'}@students.northfield.example"
    year = str(chance.randint(2020, 2030)) if chance.random() < 0.95 else ""
    return [f"{number:08}", first, last, address, chance.choice(MAJORS), year]


def _spoilt(cells: list[str], chance: Random) -> list[str]:
    """Return the row with one mistake."""
    number, first, last, address, major, year = cells
    return chance.choice(
        [
            ["", first, last, address, major, year],
            [number, first, last, address.replace("@", "(at)"), major, year],
            [number, first, last, "nobody@nowhere", major, year],
            [number, first, last, address, major, "soon"],
            [number, first, last, address, major, "27"],
            [number, "x" * 101, last, address, major, year],
            [number, first, "Two\nlines", address, major, year],
            [number, first, "", address, major, year],
            [number, first, last],
        ]
    )


def _line(cells: list[str], *, end: str = "\n") -> str:
    return ",".join(f'"{cell}"' if "," in cell or "\n" in cell else cell for cell in cells) + end
