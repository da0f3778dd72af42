"""What an import would change in known students: the first rows for the page, all of them in a file."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, TextIO

from jobs.models import StoredFile
from jobs.spreadsheets import made_safe
from uploads.models import CHANGES_SHOWN, Upload
from uploads.safe_csv import store_csv

HEADINGS = ("row", "student number", "student", "column", "old", "new", "warning")
LOOKS_LIKE_ANOTHER = "This looks like another person"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A row that would change a student."""

    row: int
    number: str
    name: str
    """The student's name as it is known now."""
    is_other: bool
    """Whether the row looks like another person: its name and its address both differ."""
    cells: list[tuple[str, str, str]]
    """Heading, old and new value of each column that differs."""


def keep_changes(
    changes: Iterable[Change], *, upload: Upload
) -> tuple[list[dict[str, Any]], StoredFile | None]:
    """Return the first changes as an upload keeps them, and a stored file of all; None when there is none."""
    rest = iter(changes)
    first = list(islice(rest, CHANGES_SHOWN))
    if not first:
        return [], None
    stored = store_csv(lambda text: _write(text, chain(first, rest)), upload=upload, ending="changed rows")
    return [_as_kept(change) for change in first], stored


def _write(text: TextIO, changes: Iterable[Change]) -> None:
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for change in changes:
        warning = LOOKS_LIKE_ANOTHER if change.is_other else ""
        for cell in change.cells:
            texts = (change.number, change.name, *cell, warning)
            writer.writerow([change.row, *map(made_safe, texts)])


def _as_kept(change: Change) -> dict[str, Any]:
    cells = [{"column": column, "old": old, "new": new} for column, old, new in change.cells]
    return {
        "row": change.row,
        "number": change.number,
        "name": change.name,
        "is_other": change.is_other,
        "cells": cells,
    }
