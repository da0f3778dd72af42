"""Values that may stand in a file once and stand there again."""

import polars as pl

from uploads.datasets.declaring import Unique
from uploads.mapping import Mapping


def find_repeated(rows: pl.DataFrame, *, mapping: Mapping, wrong: pl.DataFrame) -> pl.DataFrame:
    """Return a problem for each row whose key, or other unique columns, an earlier row has too.

    The earlier row may itself be wrong, as long as these cells of it are not.
    """
    dataset = mapping.dataset
    unique = [Unique(columns=dataset.key), *dataset.unique]
    held = [each for each in unique if all(name in mapping.places for name in each.columns)]
    places = range(len(dataset.columns), len(dataset.columns) + len(held))
    found = [_repeated(rows, each, mapping, wrong, place) for each, place in zip(held, places, strict=True)]
    return pl.concat(found)


def _repeated(
    rows: pl.DataFrame, unique: Unique, mapping: Mapping, wrong: pl.DataFrame, place: int
) -> pl.DataFrame:
    columns = [mapping.dataset.column(name) for name in unique.columns]
    headings = [mapping.heading(column) for column in columns]
    heading = " and ".join(headings)
    keys = _keys(rows, unique, broken=wrong.filter(pl.col("name").is_in(unique.columns))["row"].unique())
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
        reason=pl.format("Row {} has the same {}.", pl.col("first"), pl.lit(heading)),
        remedy=pl.lit("Keep one of the two rows."),
    )


def _keys(rows: pl.DataFrame, unique: Unique, *, broken: pl.Series) -> pl.Series:
    """Return what is compared of each row; null where a cell of it is empty or wrong."""
    cells = [_compared(name, unique) for name in unique.columns]
    counts = ~pl.col("row").is_in(broken.implode()) & pl.all_horizontal(
        pl.col(name) != "" for name in unique.columns
    )
    key = cells[0] if len(cells) == 1 else pl.struct(cells)
    return rows.select(key=pl.when(counts).then(key))["key"]


def _compared(name: str, unique: Unique) -> pl.Expr:
    value = pl.col(name)
    return value.str.to_lowercase() if unique.ignores_case else value
