"""Values that may stand in a file once and stand there again."""

import polars as pl
from django.utils.translation import gettext as _

from jobs.language import listed
from uploads.datasets.declaring import Unique
from uploads.mapping import Mapping

NO_MARK = pl.Series([None], dtype=pl.UInt64)


def marks_of(rows: pl.DataFrame, *, mapping: Mapping, wrong: pl.DataFrame) -> pl.DataFrame:
    """Return `row`, and a number for each value that may stand once: the same one for the same value.

    It is null where `find_repeated` does not count the row. Different values seldom have the same number.
    """
    keys = {f"mark{place}": _keys(rows, each, wrong) for place, each in enumerate(_held(mapping))}
    marks = [key.hash().zip_with(key.is_not_null(), NO_MARK).alias(name) for name, key in keys.items()]
    return rows.select("row", *marks)


def twice(marks: pl.DataFrame) -> pl.Series:
    """Return the numbers of the rows of which a mark is there twice or more."""
    found = [marks["row"].filter(_is_double(marks[name])) for name in marks.columns[1:]]
    return pl.concat(found).unique()


def _is_double(marks: pl.Series) -> pl.Series:
    """Say of each mark whether it is there again: in their order the same ones stand beside each other."""
    ordered = marks.drop_nulls().sort()
    doubles = ordered.filter(ordered == ordered.shift(1)).unique()
    return marks.is_in(doubles.implode()).fill_null(value=False)


def find_repeated(rows: pl.DataFrame, *, mapping: Mapping, wrong: pl.DataFrame) -> pl.DataFrame:
    """Return a problem for each row whose key, or other unique columns, an earlier row has too.

    The earlier row may itself be wrong, as long as these cells of it are not.
    """
    held = _held(mapping)
    first = len(mapping.dataset.columns)
    found = [_repeated(rows, each, mapping, wrong, place) for place, each in enumerate(held, start=first)]
    return pl.concat(found)


def _held(mapping: Mapping) -> list[Unique]:
    """Return what may stand once and has its columns in the file: the key, and the dataset's other ones."""
    unique = [Unique(columns=mapping.dataset.key), *mapping.dataset.unique]
    return [each for each in unique if all(name in mapping.places for name in each.columns)]


def _repeated(
    rows: pl.DataFrame, unique: Unique, mapping: Mapping, wrong: pl.DataFrame, place: int
) -> pl.DataFrame:
    columns = [mapping.dataset.column(name) for name in unique.columns]
    headings = [mapping.heading(column) for column in columns]
    heading = listed(headings)
    keys = _keys(rows, unique, wrong)
    is_first = keys.is_first_distinct()
    is_again = keys.is_not_null() & ~is_first
    again = rows.filter(is_again).select(
        "row", value=pl.concat_str([pl.col(name) for name in unique.columns], separator=", ")
    )
    again = again.with_columns(key=keys.filter(is_again))
    is_named = is_first & keys.is_in(again["key"].unique().implode())
    first = pl.DataFrame({"key": keys.filter(is_named), "first": rows["row"].filter(is_named)})
    return again.join(first, on="key", maintain_order="left").select(
        "row",
        place=pl.lit(place, dtype=pl.UInt16),
        name=pl.lit(unique.columns[0] if len(unique.columns) == 1 else ""),
        column=pl.lit(heading),
        value="value",
        rule=pl.lit("repeated"),
        reason=pl.format(_("Row {} has the same {}."), pl.col("first"), pl.lit(heading)),
        remedy=pl.lit(_("Keep one of the two rows.")),
    )


def _keys(rows: pl.DataFrame, unique: Unique, wrong: pl.DataFrame) -> pl.Series:
    """Return what is compared of each row; null where a cell of it is empty or wrong."""
    broken = wrong.filter(pl.col("name").is_in(unique.columns))["row"].unique()
    cells = [_compared(name, unique) for name in unique.columns]
    counts = ~pl.col("row").is_in(broken.implode()) & pl.all_horizontal(
        pl.col(name) != "" for name in unique.columns
    )
    key = cells[0] if len(cells) == 1 else pl.struct(cells)
    return rows.select(key=pl.when(counts).then(key))["key"]


def _compared(name: str, unique: Unique) -> pl.Expr:
    value = pl.col(name)
    return value.str.to_lowercase() if unique.ignores_case else value
