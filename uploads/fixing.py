"""What the page of an upload shows of cells to be corrected, and what comes back from its fields."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from uploads.correcting import Typed
from uploads.models import Upload

NOW, WAS, TAKE = "now", "was", "take"
CORRECTIONS_SHOWN = 100


def shown_problems(upload: Upload) -> list[dict[str, Any]]:
    """Return the first problems; each cell of them that can be corrected has the `field` of its first one.

    A ragged row has a field for each of its `cells`, and `take` to say that they are right as they stand.
    """
    shown, seen = [], set()
    for problem in upload.problems:
        cell = (problem["row"], problem.get("place"))
        can_be_typed = upload.can_be_changed and cell[1] is not None and cell not in seen
        seen.add(cell)
        row = _row_to_type(problem, upload) if "cells" in problem and upload.can_be_changed else {}
        shown.append({**problem, "field": f"{cell[0]}-{cell[1]}" if can_be_typed else "", **row})
    return shown


def _row_to_type(problem: Mapping[str, Any], upload: Upload) -> dict[str, Any]:
    row = problem["row"]
    cells = [
        {"field": f"{row}-{place}", "heading": upload.headings[place], "value": value}
        for place, value in problem["cells"]
    ]
    return {"cells": cells, "take": f"{row}-{problem['key']}"}


def shown_corrections(upload: Upload) -> list[dict[str, Any]]:
    """Return the first corrections, but for cells that are wrong still, which stand among the problems."""
    if not upload.corrected_cells:
        return []
    wrong = {(problem["row"], problem.get("place")) for problem in upload.problems}
    found = upload.corrections.select_related("corrected_by")[: CORRECTIONS_SHOWN + len(wrong)]
    return [
        {
            "each": each,
            "heading": upload.headings[each.place],
            "field": f"{each.row}-{each.place}" if upload.can_be_changed else "",
        }
        for each in found
        if (each.row, each.place) not in wrong
    ]


def typed_cells(sent: Mapping[str, str], *, upload: Upload) -> Iterator[Typed]:
    """Yield what was typed into fields that the page of this upload may have."""
    held = {name: text.replace("\0", "") for name, text in sent.items()}  # as PostgreSQL can hold it
    for name, now in held.items():
        kind, _, cell = name.partition("-")
        row, _, place = cell.partition("-")
        if kind != NOW or not (_is_number(row) and _is_number(place)):
            continue
        if int(place) < len(upload.headings):
            yield Typed(
                row=int(row),
                place=int(place),
                was=held.get(f"{WAS}-{cell}", ""),
                now=now,
                is_taken=f"{TAKE}-{cell}" in held,
            )


def with_headings(typed: Iterable[Typed], *, upload: Upload) -> list[tuple[str, Typed]]:
    """Return what was typed, each with the heading of its column."""
    return [(upload.headings[each.place], each) for each in typed]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < len("1000000000")
