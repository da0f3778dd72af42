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
    compared = [_compared(name, unique).alias(f"k{at}") for at, name in enumerate(unique.columns)]
    values = pl.concat_str([pl.col(name) for name in unique.columns], separator=", ")
    broken = wrong.filter(pl.col("column").is_in(headings)).select("row").unique()
    keys = [f"k{at}" for at in range(len(compared))]
    seen = rows.select("row", *compared).filter(pl.all_horizontal(pl.col(keys) != ""))
    if broken.height:
        seen = seen.join(broken, on="row", how="anti", maintain_order="left")
    again = seen.filter(~_first_of(keys).is_first_distinct())
    first = (
        seen.join(again.select(keys).unique(), on=keys, how="semi")
        .group_by(keys)
        .agg(first=pl.col("row").min())
    )
    heading = " and ".join(headings)
    return (
        again.join(first, on=keys)
        .join(rows.select("row", value=values), on="row")
        .select(
            "row",
            place=pl.lit(place, dtype=pl.UInt16),
            column=pl.lit(heading),
            value="value",
            rule=pl.lit("repeated"),
            reason=pl.format("Row {} has the same {}.", pl.col("first"), pl.lit(heading)),
            remedy=pl.lit("Keep one of the two rows."),
        )
    )


def _compared(name: str, unique: Unique) -> pl.Expr:
    value = pl.col(name)
    return value.str.to_lowercase() if unique.ignores_case else value


def _first_of(keys: list[str]) -> pl.Expr:
    return pl.col(keys[0]) if len(keys) == 1 else pl.struct(keys)
