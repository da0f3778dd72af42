"""What an import would change in known rows: the first ones for the page, all of them in a file."""

from typing import IO, Any

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import StoredFile
from uploads.comparing import Change, Comparison
from uploads.mapping import Mapping
from uploads.models import CHANGES_SHOWN, Upload
from uploads.pairs import in_pairs
from uploads.safe_csv import store_csv, written_rows

LOOKS_LIKE_ANOTHER = gettext_lazy("This looks like another person")
CELL, WARNING = ("column", "old", "new"), "warning"
HEADS = {
    "row": gettext_lazy("row"),
    "column": gettext_lazy("column"),
    "old": gettext_lazy("old"),
    "new": gettext_lazy("new"),
    WARNING: gettext_lazy("warning"),
}
"""What the file's first line says above what it holds."""


def keep_changes(
    comparison: Comparison, *, mapping: Mapping, upload: Upload
) -> tuple[list[dict[str, Any]], StoredFile | None]:
    """Return the first changes as an upload keeps them, and a stored file of all; None when there is none.

    Rows that look like another person come first, then it goes by row.
    """
    if not comparison.changed.height:
        return [], None
    places = comparison.changed.sort("is_other", "good", descending=[True, False])
    first = _changed_cells(next(comparison.changes(places.head(CHANGES_SHOWN))), comparison, mapping)
    stored = store_csv(
        lambda target: _write(target, places, comparison, mapping), upload=upload, ending=_("changed rows")
    )
    return _as_kept(first, comparison), stored


def _write(target: IO[bytes], places: pl.DataFrame, comparison: Comparison, mapping: Mapping) -> None:
    dataset = comparison.dataset
    keys = {f"key {name}": dataset.column(name).heading for name in dataset.key}
    names = {"name": _(dataset.one)} if dataset.title else {}
    heads = {name: str(HEADS[name]) for name in ("row", *CELL, WARNING)}
    warning = pl.when("is_other").then(pl.lit(str(LOOKS_LIKE_ANOTHER))).otherwise(pl.lit("")).alias(WARNING)

    def rows_of(numbered: tuple[int, Change]) -> bytes:
        at, change = numbered
        cells = _changed_cells(change, comparison, mapping)
        rows = cells.select("row", *keys, *names, *CELL, warning).rename(heads | keys | names)
        return written_rows(rows, heads=at == 0)

    target.writelines(in_pairs(rows_of, enumerate(comparison.changes(places))))


def _changed_cells(change: Change, comparison: Comparison, mapping: Mapping) -> pl.DataFrame:
    """Return each cell that would change, with what names its row."""
    before, after, dataset = change.before, change.after, comparison.dataset
    title = pl.lit("")
    if dataset.title:
        title = pl.concat_str([pl.col(name) for name in dataset.title], separator=" ")
    keys = [pl.col(name).alias(f"key {name}") for name in dataset.key]
    rows = before.select(*keys, name=title, at=pl.int_range(pl.len(), dtype=pl.UInt32)).with_columns(
        row=after["row"], is_other=change.places["is_other"]
    )
    cells = []
    for place, column in enumerate(comparison.compared):
        old, new = before[column.name], after[column.name]
        differs = old != new
        cells.append(
            rows.filter(differs).with_columns(
                place=pl.lit(place, dtype=pl.UInt16),
                column=pl.lit(mapping.heading(column)),
                old=old.filter(differs),
                new=new.filter(differs),
            )
        )
    # One after the other they are in the order of their places: only the rows are to be sorted.
    return pl.concat(cells).sort("at", maintain_order=True)


def _as_kept(cells: pl.DataFrame, comparison: Comparison) -> list[dict[str, Any]]:
    keys = [f"key {name}" for name in comparison.dataset.key]
    kept: dict[int, dict[str, Any]] = {}
    for cell in cells.iter_rows(named=True):
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
