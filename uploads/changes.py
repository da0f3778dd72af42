"""What an import would change in known rows: the first ones for the page, all of them in a file."""

from typing import Any

import polars as pl

from jobs.models import StoredFile
from uploads.comparing import Comparison
from uploads.mapping import Mapping
from uploads.models import CHANGES_SHOWN, Upload
from uploads.safe_csv import store_csv, write_rows

LOOKS_LIKE_ANOTHER = "This looks like another person"
CELL = ("column", "old", "new")


def keep_changes(
    comparison: Comparison, *, mapping: Mapping, upload: Upload
) -> tuple[list[dict[str, Any]], StoredFile | None]:
    """Return the first changes as an upload keeps them, and a stored file of all; None when there is none.

    Rows that look like another person come first, then it goes by row.
    """
    if not comparison.changed.height:
        return [], None
    cells = _changed_cells(comparison, mapping)
    dataset = comparison.dataset
    keys = {f"key {name}": dataset.column(name).heading for name in dataset.key}
    names = {"name": dataset.one} if dataset.title else {}
    warning = pl.when("is_other").then(pl.lit(LOOKS_LIKE_ANOTHER)).otherwise(pl.lit("")).alias("warning")
    rows = cells.select("row", *keys, *names, *CELL, warning).rename(keys | names)
    stored = store_csv(lambda target: write_rows(rows, target), upload=upload, ending="changed rows")
    return _first(cells, comparison), stored


def _changed_cells(comparison: Comparison, mapping: Mapping) -> pl.DataFrame:
    """Return each cell that would change, with what names its row."""
    before, after, dataset = comparison.before, comparison.after, comparison.dataset
    title = (
        pl.concat_str([pl.col(name) for name in dataset.title], separator=" ")
        if dataset.title
        else pl.lit("")
    )
    rows = before.select(
        *(pl.col(name).alias(f"key {name}") for name in dataset.key), name=title
    ).with_columns(row=after["row"], is_other=comparison.changed["is_other"])
    cells = [
        rows.with_columns(
            place=pl.lit(place, dtype=pl.UInt16),
            column=pl.lit(mapping.heading(column)),
            old=before[column.name],
            new=after[column.name],
        ).filter(pl.col("old") != pl.col("new"))
        for place, column in enumerate(comparison.compared)
    ]
    return pl.concat(cells).sort("is_other", "row", "place", descending=[True, False, False])


def _first(cells: pl.DataFrame, comparison: Comparison) -> list[dict[str, Any]]:
    keys = [f"key {name}" for name in comparison.dataset.key]
    wanted = cells.select("row").unique(maintain_order=True).head(CHANGES_SHOWN)
    kept: dict[int, dict[str, Any]] = {}
    for cell in cells.join(wanted, on="row", how="semi", maintain_order="left").iter_rows(named=True):
        change = kept.setdefault(
            cell["row"],
            {
                "row": cell["row"],
                "number": ", ".join(cell[key] for key in keys),
                "name": cell["name"],
                "is_other": cell["is_other"],
                "cells": [],
            },
        )
        change["cells"].append({name: cell[name] for name in CELL})
    return list(kept.values())
