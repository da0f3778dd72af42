"""The rows of a file while another process still reads them: the first are there long before the last."""

import json
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from uploads.tables.handing_over import BEGINNING, RAGGED, rows_file

if TYPE_CHECKING:
    import polars as pl

LOOK_SECONDS = 0.002


class Arriving:
    """What a reading process writes into a folder. Its errors come out where its end is waited for."""

    def __init__(self, folder: Path, reading: "Future[Mapping[str, Any]]") -> None:
        """Take what is written into the folder until `reading` is done."""
        self._folder = folder
        self._reading = reading

    def beginning(self) -> Mapping[str, Any]:
        """Wait until the headings are known; return what `uploads.tables.reading` tells of them."""
        found: Mapping[str, Any] = json.loads(self._awaited(BEGINNING).read_bytes())
        return found

    def rows(self) -> "Iterator[Path]":
        """Yield the files of rows in their order, each as soon as it is there."""
        for place in count():
            path = self._awaited(rows_file(place))
            if not path.exists():
                return
            yield path

    def ragged(self) -> "pl.DataFrame":
        """Wait for the end; return the rows with more or fewer cells: `row` and `cells`."""
        import polars as pl  # noqa: PLC0415  (see uploads.kinds)

        return pl.read_ipc(self._awaited(RAGGED))

    def count(self) -> int:
        """Wait for the end; return how many rows there are below the headings."""
        told = self._reading.result()
        return int(told["rows"] + told["ragged"])

    def _awaited(self, name: str) -> Path:
        """Return the path of a file that is there, or will never be as the reading is done."""
        path = self._folder / name
        while not path.exists():
            if self._reading.done():
                self._reading.result()
                break
            time.sleep(LOOK_SECONDS)
        return path
