"""What must hold for one row: each rule finds a problem and says what would be right."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from jobs.spreadsheets import FORMULA_SIGNS
from uploads.columns import COLUMNS, Column
from uploads.models import EARLIEST_YEAR, LATEST_YEAR
from uploads.reading import Layout, Row

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
FOUR_DIGITS = re.compile(r"[0-9]{4}")

Values = dict[str, str]
"""The row's values by column; an empty text when the cell is blank."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong with a row."""

    row: int
    column: str
    """The heading as the file has it; empty when the row as a whole is wrong."""
    value: str
    reason: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class CheckedRow:
    """A row's values, and what is wrong with it."""

    number: int
    values: Values
    problems: list[Problem]


def check_row(row: Row, *, layout: Layout) -> CheckedRow:
    """Return the row's values and all its problems; what it shares with other rows is not looked at."""
    cells = _without_blank_tail(row.cells, width=len(layout.headings))
    if len(cells) != len(layout.headings):
        return CheckedRow(number=row.number, values={}, problems=[_ragged(row, layout)])
    values = {name: clean(cells[place]) for name, place in layout.places.items()}
    problems = []
    for column in COLUMNS:
        if column.name in values and (found := _problem_in(column, values[column.name])):
            heading = layout.headings[layout.places[column.name]]
            problems.append(
                Problem(
                    row=row.number,
                    column=heading,
                    value=values[column.name],
                    reason=found[0],
                    remedy=found[1],
                )
            )
    return CheckedRow(number=row.number, values=values, problems=problems)


def clean(cell: str) -> str:
    """Return the cell without blanks around it, nor the apostrophe that disarms formulas in error files."""
    value = cell.strip()
    return value[1:] if value[:1] == "'" and value[1:2] in FORMULA_SIGNS else value


def _without_blank_tail(cells: list[str], *, width: int) -> list[str]:
    end = len(cells)
    while end > width and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _ragged(row: Row, layout: Layout) -> Problem:
    return Problem(
        row=row.number,
        column="",
        value=layout.delimiter.join(row.cells),
        reason=f"The row has {len(row.cells)} cells, but there are {len(layout.headings)} headings.",
        remedy="Give each heading one cell; put a cell that holds the separator into quotation marks.",
    )


Found = tuple[str, str] | None
"""The reason and the remedy of a problem."""


def _problem_in(column: Column, value: str) -> Found:
    if not value:
        return ("It is missing.", f"Write the {column.heading}.") if column.is_required else None
    if CONTROL.search(value):
        return "It holds a line break or another control character.", "Write it on one line."
    special = SPECIAL.get(column.name)
    if special and (found := special(value)):
        return found
    if len(value) > column.longest:
        return f"It has {len(value)} characters; at most {column.longest} are kept.", column.rule
    return None


def _email(value: str) -> Found:
    try:
        validate_email(value)
    except ValidationError:
        return "It is not an e-mail address.", "Write an address such as maya.lee@school.edu."
    return None


def _year(value: str) -> Found:
    if FOUR_DIGITS.fullmatch(value) and EARLIEST_YEAR <= int(value) <= LATEST_YEAR:
        return None
    reason = f"It is not a year from {EARLIEST_YEAR} to {LATEST_YEAR}."
    return reason, "Write four digits such as 2027, or leave it empty."


SPECIAL: dict[str, Callable[[str], Found]] = {"email": _email, "graduation_year": _year}
