"""The rules for one row."""

import io

import pytest

from uploads.reading import Layout, Row, read_layout
from uploads.rules import check_row

GOOD = ["0017", "Maya", "Lee", "maya.lee@school.example", "Nursing", "2027"]


@pytest.fixture
def layout() -> Layout:
    """Six columns, headed as a person would."""
    return read_layout(io.BytesIO(b"ID number,First name,Last Name,E-mail,Major,Class of\n1"))


def checked(layout: Layout, *cells: str) -> list[tuple[str, str]]:
    found = check_row(Row(7, list(cells)), layout=layout)
    return [(problem.column, problem.reason) for problem in found.problems]


def test_a_good_row_has_its_values_and_keeps_zeros(layout: Layout) -> None:
    found = check_row(Row(7, [f" {cell} " for cell in GOOD]), layout=layout)
    assert not found.problems
    assert found.values["number"] == "0017"
    assert found.values["graduation_year"] == "2027"


def test_optional_cells_may_be_empty(layout: Layout) -> None:
    assert checked(layout, *GOOD[:4], "", "") == []


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
def test_a_wrong_cell_is_named_with_its_reason(
    layout: Layout, place: int, value: str, column: str, reason: str
) -> None:
    cells = [*GOOD]
    cells[place] = value
    assert checked(layout, *cells) == [(column, reason)]


def test_every_wrong_cell_of_a_row_is_named(layout: Layout) -> None:
    assert [column for column, _ in checked(layout, "", "Maya", "Lee", "x", "", "MMXX")] == [
        "ID number",
        "E-mail",
        "Class of",
    ]


@pytest.mark.parametrize("cells", [GOOD[:5], [*GOOD, "extra"]])
def test_a_ragged_row_is_wrong_as_a_whole(layout: Layout, cells: list[str]) -> None:
    assert checked(layout, *cells) == [("", f"The row has {len(cells)} cells, but there are 6 headings.")]


def test_blank_cells_after_the_last_heading_do_not_matter(layout: Layout) -> None:
    assert checked(layout, *GOOD, "", " ") == []


def test_the_apostrophe_of_an_error_file_is_taken_off_again(layout: Layout) -> None:
    found = check_row(Row(2, ["'-17", "'t Hooft", *GOOD[2:]]), layout=layout)
    assert (found.values["number"], found.values["first_name"]) == ("-17", "'t Hooft")
