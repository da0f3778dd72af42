"""How a table goes from the process that reads it to the one that works on it: as files, each whole."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

BEGINNING = "beginning.json"
RAGGED = "ragged.arrow"
UNFINISHED = ".unfinished"


def rows_file(place: int) -> str:
    """Return the name of the file with the rows of that place, from 0."""
    return f"rows-{place:05}.arrow"


def hand_over(frame: "pl.DataFrame", path: Path) -> None:
    """Write a frame for whoever looks for it at `path`."""
    unfinished = path.with_suffix(UNFINISHED)
    frame.write_ipc(unfinished)
    unfinished.rename(path)


def hand_over_beginning(told: Mapping[str, Any], folder: Path) -> None:
    """Write what is known before the rows."""
    unfinished = (folder / BEGINNING).with_suffix(UNFINISHED)
    unfinished.write_text(json.dumps(told))
    unfinished.rename(folder / BEGINNING)
