"""The rules for one row."""

from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest

from uploads.arriving import Arriving
from uploads.datasets import STUDENTS
from uploads.mapping import mapped
from uploads.reading import Table
from uploads.rules import Checked, check_rows
from uploads.tables.handing_over import RAGGED as RAGGED_FILE
from uploads.tables.handing_over import hand_over, rows_file
from uploads.tables.reading import RAGGED

GOOD = ["0017", "Maya", "Lee", "maya.lee@school.example", "Nursing", "2027"]
HEADINGS = ("ID number", "First name", "Last Name", "E-mail", "Major", "Class of")


def check(*cells: str) -> Checked:
    usual, ragged = ([cells], []) if len(cells) == len(HEADINGS) else ([], [cells])
    names = [f"c{place}" for place in range(len(HEADINGS))]
    rows = pl.DataFrame(usual, schema=dict.fromkeys(names, pl.String), orient="row")
    done: Future[Any] = Future()
    done.set_result({"rows": len(usual), "ragged": len(ragged)})
    with TemporaryDirectory() as name:
        folder = Path(name)
        hand_over(rows.with_columns(row=pl.lit(7, dtype=pl.UInt32)), folder / rows_file(0))
        others = pl.DataFrame([(7, list(row)) for row in ragged], schema=RAGGED, orient="row")
        hand_over(others, folder / RAGGED_FILE)
        table = Table(
            headings=HEADINGS, delimiter=",", sheet="", folder=folder, arriving=Arriving(folder, done)
        )
        return check_rows(table, mapping=mapped(HEADINGS, dataset=STUDENTS))


def checked(*cells: str) -> list[tuple[str, str]]:
    return check(*cells).problems.select("column", "reason").rows()


def test_a_good_row_has_its_values_and_keeps_zeros() -> None:
    found = check(*[f" {cell} " for cell in GOOD])
    assert not found.problems.height
    assert found.good.row(0) == (7, *GOOD)


def test_optional_cells_may_be_empty() -> None:
    assert checked(*GOOD[:4], "", "") == []


@pytest.mark.parametrize(
    ("place", "value", "column", "reason"),
    [
        (0, "", "ID number", "It is missing."),
        (0, "9" * 41, "ID number", "It has 41 characters; at most 40 are kept."),
        (1, "  ", "First name", "It is missing."),
        (2, "x" * 101, "Last Name", "It has 101 characters; at most 100 are kept."),
        (2, "Lee\nBcc: all", "Last Name", "It holds a line break or another control character."),
        (3, "maya.lee(at)school.example", "E-mail", "It is not an e-mail address."),
        (3, "maya@school", "E-mail", "It is not an e-mail address."),
        (
            3,
            f"{'m' * 60}@{'s' * 60}.{'t' * 60}.{'u' * 60}.{'v' * 60}.example",
            "E-mail",
            "It has 312 characters; at most 254 are kept.",
        ),
        (5, "1949", "Class of", "It is not a year from 1950 to 2100."),
        (5, "20228", "Class of", "It is not a year from 1950 to 2100."),
        (5, "٢٠٢٧", "Class of", "It is not a year from 1950 to 2100."),
    ],
)
def test_a_wrong_cell_is_named_with_its_reason(place: int, value: str, column: str, reason: str) -> None:
    cells = [*GOOD]
    cells[place] = value
    assert checked(*cells) == [(column, reason)]


def test_every_wrong_cell_of_a_row_is_named() -> None:
    assert [column for column, _ in checked("", "Maya", "Lee", "x", "", "MMXX")] == [
        "ID number",
        "E-mail",
        "Class of",
    ]


@pytest.mark.parametrize(
    ("cells", "said"), [(GOOD[:1], "1 cell"), (GOOD[:5], "5 cells"), ([*GOOD, "extra"], "7 cells")]
)
def test_a_ragged_row_is_wrong_as_a_whole(cells: list[str], said: str) -> None:
    assert checked(*cells) == [("", f"The row has {said}, but there are 6 headings.")]


def test_the_apostrophe_of_an_error_file_is_taken_off_again() -> None:
    found = check("'-17", "'t Hooft", *GOOD[2:])
    assert found.good.row(0)[1:3] == ("-17", "'t Hooft")
