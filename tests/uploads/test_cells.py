"""Types of cells: an expression doubts whatever the judgement finds wrong, and right values are settled."""

import gc
import weakref

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.cells import Cell, Choice, Date, Decimal, Email, Text, Url, Whole, Year
from uploads.datasets import OUTCOMES, VACANCIES, Dataset

CELLS: dict[str, Cell] = {
    "text": Text(longest=8),
    "email": Email(),
    "url": Url(longest=40),
    "year": Year(least=1950, most=2100),
    "whole": Whole(least=-5, most=1000),
    "decimal": Decimal(),
    "salary": Decimal(may_be_negative=False),
    "date": Date(),
    "date day first": Date(is_day_first=True),
    "date month first": Date(is_day_first=False),
    "choice": Choice(values={"full-time": ("full time",), "co-op": ("co-op", "coop")}),
}
likely = st.one_of(
    st.text(st.sampled_from("0123456789.,/-'T: \u00a0"), min_size=1, max_size=12),
    st.text(st.sampled_from("ab.@-_x1é\n\u00fc"), min_size=1, max_size=12),
    st.text(min_size=1, max_size=10),
    st.text(st.sampled_from("aé\u06cc\u200b\u200c\u200d\u200f\u202e\ufeff#N/A!"), min_size=1, max_size=6),
    st.sampled_from(
        ["2027", "0", "-0", "1,234.5", "1.234,56", "2027-02-30", "https://a.example/", "Full Time"]
    ),
)


@pytest.mark.parametrize("name", CELLS)
@given(value=likely)
def test_whatever_is_wrong_is_doubted(name: str, value: str) -> None:
    cell = CELLS[name]
    frame = pl.DataFrame({"value": [value]}, schema={"value": pl.String})
    is_doubted = frame.select(cell.doubts(pl.col("value"))).item()
    assert is_doubted in {True, False}
    if cell.found(value):
        assert is_doubted


def settled(cell: Cell, *values: str) -> list[str]:
    frame = pl.DataFrame({"value": values})
    own = cell.for_column(frame["value"])
    assert [own.found(value) for value in values if value] == [None] * len(
        [value for value in values if value]
    )
    return frame.select(own.settled(pl.col("value")).alias("value"))["value"].to_list()


def test_amounts_of_many_countries_are_one() -> None:
    values = ["1234.5", "1,234.50", "1.234,50", "1 234,5", "1'234.50", "1\u202f234,50", "0001234.5"]
    assert settled(Decimal(), *values) == ["1234.50"] * 7
    assert settled(Decimal(), "1.234", "1,234", "12,5", "-0", "0,05", "") == [
        "1234.00",
        "1234.00",
        "12.50",
        "0.00",
        "0.05",
        "",
    ]


@pytest.mark.parametrize("value", ["1,23,456", "1.23.4", "12.345,678", "$5", "1,2345", "five", "12345678901"])
def test_what_is_no_amount_is_wrong(value: str) -> None:
    assert Decimal().found(value)


def test_dates_of_many_writings_are_one() -> None:
    values = ["2027-04-03", "2027-4-3", "3.4.2027", "03.04.2027", "2027-04-03 00:00:00", "2027-04-03T00:00"]
    assert settled(Date(), *values) == ["2027-04-03"] * 6


def test_other_dates_of_the_column_tell_which_number_is_the_day() -> None:
    assert settled(Date(), "3/4/2027", "13/4/2027", "") == ["2027-04-03", "2027-04-13", ""]
    assert settled(Date(), "4/3/2027", "4/13/2027") == ["2027-04-03", "2027-04-13"]
    for values in (["3/4/2027"], ["3/4/2027", "13/4/2027", "4/13/2027"]):
        assert Date().for_column(pl.Series(values)).found("3/4/2027")


@pytest.mark.parametrize("value", ["1.2.27", "2027-13-01", "29.2.2027", "2027", "1027-01-01", "tomorrow"])
def test_what_is_no_date_is_wrong(value: str) -> None:
    assert Date().found(value)


@pytest.mark.parametrize(
    ("cell", "value"), [(Email(), "ana"), (Url(), "not an address"), (Url(), "http://ä b/")]
)
def test_what_judged_a_wrong_value_lets_go_of_who_asked(cell: Cell, value: str) -> None:
    class Rows:
        """Stands for what a check holds."""

    def check() -> "weakref.ref[Rows]":
        rows = Rows()
        assert cell.found(value)
        return weakref.ref(rows)

    gc.disable()
    try:
        assert check()() is None
    finally:
        gc.enable()


def test_the_number_of_a_day_is_told_with_its_date() -> None:
    found = Date().found("46569")
    assert found is not None
    assert "Write 2027-07-01" in found.remedy


@pytest.mark.parametrize(
    "value", ["Ma\u200bya", "Maya\u202e", "\u2066Maya", "Ma\ufeffya", "Ma\u200dya", "\u200cMaya"]
)
def test_signs_that_nobody_sees_are_wrong_in_a_name(value: str) -> None:
    found = Text().found(value)
    assert found is not None
    assert found.rule == "unseen"


@pytest.mark.parametrize(
    "value", ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0915\u094d\u200d\u0937", "José"]
)
def test_signs_that_a_script_needs_are_right(value: str) -> None:
    assert Text().found(value) is None


def test_an_amount_that_cannot_be_negative_is_wrong_when_it_is() -> None:
    salary = Decimal(may_be_negative=False)
    found = salary.found("-52,000.50")
    assert found is not None
    assert found.reason == "The amount is negative."
    assert settled(salary, "-0", "52000") == ["0.00", "52000.00"]
    assert settled(Decimal(), "-52000") == ["-52000.00"]


@pytest.mark.parametrize("dataset", [OUTCOMES, VACANCIES])
def test_a_salary_is_not_negative(dataset: Dataset) -> None:
    assert dataset.column("salary").cell.found("-1") is not None
