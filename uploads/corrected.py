"""A file's table with the corrections that were made on its upload's page."""

from collections import defaultdict
from dataclasses import replace

import polars as pl

from uploads.models import Upload
from uploads.ragged import mended
from uploads.reading import Table


def corrected(table: Table, *, upload: Upload) -> Table:
    """Return the table with the upload's corrections in place of what the file has.

    A ragged row of which any cell was corrected has a cell for each heading from then on.
    """
    if not upload.corrected_cells:
        return table
    by_place: dict[int, dict[int, str]] = defaultdict(dict)
    for row, place, value in upload.corrections.values_list("row", "place", "value"):
        by_place[place][row] = value
    columns = [
        _replaced(f"c{place}", values) for place, values in by_place.items() if place < len(table.headings)
    ]
    rows = {row for values in by_place.values() for row in values}
    return replace(mended(table, rows=rows), corrections=columns)


def _replaced(column: str, values: dict[int, str]) -> pl.Expr:
    rows = pl.Series(list(values), dtype=pl.UInt32)
    given = pl.col("row").replace_strict(rows, pl.Series(list(values.values())), default=None)
    return pl.coalesce(given, pl.col(column)).alias(column)
