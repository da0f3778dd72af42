"""Rows with more or fewer cells than there are headings: shown cell by cell, and mended by corrections."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import polars as pl

from uploads.mapping import Mapping
from uploads.reading import Table

LONGEST_CELL = 200
"""Characters that the page shows of a cell."""
BEYOND_SHOWN, LONGEST_BEYOND = 10, 40


def shown_cells(table: Table, *, rows: Collection[int], mapping: Mapping) -> dict[int, dict[str, Any]]:
    """Return what the page shows of those of `rows` that are ragged, by their numbers.

    `cells` are those below the headings that are read, each with its place; empty where the row has none.
    `beyond` are the first ones behind the last heading, and `key` is the place of the key's first column.
    """
    places = sorted(mapping.places.values())
    key = mapping.places[mapping.dataset.key[0]]
    shown = {}
    for row, cells in table.ragged.filter(pl.col("row").is_in(list(rows))).select("row", "cells").iter_rows():
        held = [*cells, *[""] * len(table.headings)]
        beyond = [cell[:LONGEST_BEYOND] for cell in cells[len(table.headings) :]]
        shown[row] = {
            "cells": [[place, held[place][:LONGEST_CELL]] for place in places],
            "beyond": beyond[:BEYOND_SHOWN],
            "key": key,
        }
    return shown


def mended(table: Table, *, rows: Collection[int]) -> Table:
    """Return the table with the ragged ones of `rows` among the others: cut, or filled up with blanks."""
    is_mended = pl.col("row").is_in(list(rows))
    cells = [
        pl.col("cells").list.get(place, null_on_oob=True).fill_null("").alias(f"c{place}")
        for place in range(len(table.headings))
    ]
    return replace(table, mended=table.ragged.filter(is_mended).select(*cells, "row"))
