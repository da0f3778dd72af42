"""What must hold for the rows of a table: every wrong cell, with its reason and what would be right."""

from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.spreadsheets import FORMULA_SIGNS
from uploads.cells import Cell, Found, Reference
from uploads.datasets import Column
from uploads.mapping import Mapping
from uploads.pairs import in_pairs
from uploads.reading import Table
from uploads.repeating import find_repeated, marks_of, twice

PROBLEMS = {
    "row": pl.UInt32,
    "place": pl.UInt16,
    "name": pl.String,
    "column": pl.String,
    "value": pl.String,
    "rule": pl.String,
    "reason": pl.String,
    "remedy": pl.String,
}
"""One thing that is wrong; `column` is the file's own heading, empty when the row as a whole is wrong.

`name` is the dataset's name of it, empty where it is not one cell alone that is wrong.
"""
MISSING_REASON = gettext_lazy("It is missing.")
GOOD = "good-"
"""How the names of files with good rows begin."""

Known = ReadOnly[str, pl.DataFrame]
"""The keys that references may name, by the column that holds the reference."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A table's rows after their check."""

    good: pl.DataFrame
    """The rows without a problem: `row` and the dataset's columns, as the database writes them as text."""
    problems: pl.DataFrame
    """As `PROBLEMS` says, by row and place."""

    @property
    def wrong_rows(self) -> int:
        """How many rows have a problem."""
        return self.problems["row"].n_unique()

    def beside(self, problems: pl.DataFrame) -> "Checked":
        """Return the same with these problems of rows that were good."""
        both = pl.concat([self.problems, problems]).sort("row", "place")
        return Checked(good=_without(self.good, problems), problems=both)


def check_rows(table: Table, *, mapping: Mapping, known: Known | None = None) -> Checked:
    """Return the good rows and all problems of the others. The good ones are kept in the table's folder."""
    cells = {column.name: _cell_of(column, table, mapping) for column in mapping.columns}

    def check_block(numbered: tuple[int, pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
        place, block = numbered
        rows = _cleaned(block, mapping)
        wrong = pl.concat(_wrong_cells(rows, mapping, cells, known or {}))
        good = _without(rows, wrong).with_columns(cells[name].settled(pl.col(name)) for name in cells)
        good.write_ipc(table.folder / f"{GOOD}{place:05}.arrow")
        return wrong, marks_of(rows, mapping=mapping, wrong=wrong)

    found, marks = zip(*in_pairs(check_block, enumerate(table.blocks())), strict=True)
    within = pl.concat([_ragged(table, mapping), *found])
    repeated = find_repeated(_doubles(table, mapping, marks), mapping=mapping, wrong=within)
    kept = (pl.read_ipc(path) for path in sorted(table.folder.glob(f"{GOOD}*")))
    return Checked(
        good=pl.concat([_without(rows, repeated) for rows in kept]),
        problems=pl.concat([within, repeated]).sort("row", "place"),
    )


def _cell_of(column: Column, table: Table, mapping: Mapping) -> Cell:
    """Return how the cells of a column are read, which may hang on all its values."""
    if not column.cell.hangs_on_others:
        return column.cell
    values = [_cleaned(block, mapping)[column.name] for block in table.blocks()]
    return column.cell.for_column(pl.concat(values))


def _doubles(table: Table, mapping: Mapping, marks: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the rows of which a mark is there twice: only these are looked at exactly."""
    numbers = twice(pl.concat(marks))
    blocks = table.blocks() if numbers.len() else islice(table.blocks(), 1)
    is_one = pl.col("row").is_in(numbers.implode())
    return pl.concat([_cleaned(block.filter(is_one), mapping) for block in blocks])


def _without(rows: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
    """Return the rows without a problem."""
    wrong = problems["row"].unique()
    return rows.filter(~pl.col("row").is_in(wrong.implode())) if wrong.len() else rows


def _cleaned(rows: pl.DataFrame, mapping: Mapping) -> pl.DataFrame:
    """Return cells without blanks around them, nor the apostrophe by which error files disarm formulas."""
    names = {f"c{place}": name for name, place in mapping.places.items()}
    chosen = [pl.col(place).str.strip_chars().alias(name) for place, name in names.items()]
    cleaned = rows.select("row", *chosen)
    marked = cleaned.select(pl.col(*names.values()).str.starts_with("'").any()).row(0, named=True)
    signs = "".join(f"\\{sign}" for sign in FORMULA_SIGNS)
    armed = [
        pl.col(name).str.replace(f"^'([{signs}])", "${1}") for name, is_there in marked.items() if is_there
    ]
    return cleaned.with_columns(armed) if armed else cleaned


def _ragged(table: Table, mapping: Mapping) -> pl.DataFrame:
    cells, headings = pl.col("cells"), pl.lit(len(mapping.headings))
    held = cells.list.len()
    return table.ragged.select(
        "row",
        place=pl.lit(0, dtype=pl.UInt16),
        name=pl.lit(""),
        column=pl.lit(""),
        value=cells.list.join(table.delimiter),
        rule=pl.lit("number of cells"),
        reason=pl.when(held == 1)
        .then(pl.format(_("The row has {} cell, but there are {} headings."), held, headings))
        .otherwise(pl.format(_("The row has {} cells, but there are {} headings."), held, headings)),
        remedy=pl.lit(
            _("Give each heading one cell; put a cell that holds the separator into quotation marks.")
        ),
    )


def _wrong_cells(
    rows: pl.DataFrame, mapping: Mapping, cells: ReadOnly[str, Cell], known: Known
) -> Sequence[pl.DataFrame]:
    doubts = rows.select(
        _is_doubtful(column, cells[column.name]).alias(column.name) for column in mapping.columns
    )
    found = []
    for place, column in enumerate(mapping.columns):
        doubtful = rows.lazy().select("row", value=column.name).collect().filter(doubts[column.name])
        found.append(_judged(doubtful, column, cells[column.name], mapping, place))
        if column.name in known:
            found.append(_unknown(rows, column, known[column.name], mapping, place))
    return found


def _is_doubtful(column: Column, cell: Cell) -> pl.Expr:
    value = pl.col(column.name)
    doubts = cell.doubts(value)
    return (value == "") | doubts if column.is_required else (value != "") & doubts


def _judged(doubtful: pl.DataFrame, column: Column, cell: Cell, mapping: Mapping, place: int) -> pl.DataFrame:
    """Judge each doubtful value once, however many cells hold it."""
    missing = Found("missing", str(MISSING_REASON), _("Write the {column}.").format(column=column.heading))
    judged = [
        (value, *found)
        for value in doubtful["value"].unique()
        if (found := cell.found(value) if value else missing)
    ]
    names = ("value", "rule", "reason", "remedy")
    reasons = pl.DataFrame(judged, schema=dict.fromkeys(names, pl.String), orient="row")
    return _placed(doubtful.join(reasons, on="value"), column, mapping, place)


def _unknown(
    rows: pl.DataFrame, column: Column, known: pl.DataFrame, mapping: Mapping, place: int
) -> pl.DataFrame:
    assert isinstance(column.cell, Reference)  # noqa: S101 - only references have known keys
    rule, reason, remedy = column.cell.unknown
    named = rows.select("row", value=column.name).filter(pl.col("value") != "")
    others = named.join(known, left_on="value", right_on="key", how="anti")
    reasons = others.with_columns(rule=pl.lit(rule), reason=pl.lit(reason), remedy=pl.lit(remedy))
    return _placed(reasons, column, mapping, place)


def _placed(found: pl.DataFrame, column: Column, mapping: Mapping, place: int) -> pl.DataFrame:
    return found.with_columns(
        place=pl.lit(place, dtype=pl.UInt16),
        name=pl.lit(column.name),
        column=pl.lit(mapping.heading(column)),
    ).select(*PROBLEMS)
