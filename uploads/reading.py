"""Reading an upload's file in a confined process, which takes nothing along when it breaks off."""

import atexit
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any

import structlog
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jobs.confinement import Confinement, Crashed, Limits, OutOfBounds
from uploads.arriving import Arriving
from uploads.datasets import Dataset
from uploads.tables.refusing import SAVE_AS_CSV, UnreadableFile

if TYPE_CHECKING:
    import polars as pl

log = structlog.get_logger()

FOR_READING = Limits(megabytes=1500, cpu_seconds=60, seconds=90)
FOR_LOOKING = Limits(megabytes=700, cpu_seconds=10, seconds=15)
"""While the sender of the file waits."""
TRIES = 2
NOT_READ = _(
    "The file could not be read, though it was tried twice: what reads it broke off. Upload it again; if "
    "that happens again, the file may be damaged."
)
CONFINEMENT = Confinement(preload=("uploads.tables.reading",), limits=FOR_READING)
atexit.register(CONFINEMENT.close)
TOO_MUCH = {
    "memory": _("The file needs more memory to be read than we can give. Split it, or save it as CSV."),
    "cpu": _("The file takes too long to be read. Split it, or save it as CSV."),
    "time": _("The file takes too long to be read. Split it, or save it as CSV."),
}


@dataclass(frozen=True, kw_only=True)
class Table:
    """All rows of a file as text, for as long as its block runs; they may still be arriving."""

    headings: tuple[str, ...]
    delimiter: str
    sheet: str
    folder: Path
    """Where whoever works on the table may put files."""
    arriving: Arriving
    corrections: "Sequence[pl.Expr]" = ()
    """What is done to the columns of each block."""
    mended: "pl.DataFrame | None" = None
    """Rows that were ragged: they stand among the others."""

    @property
    def has_rows(self) -> bool:
        """Whether there is any row below the headings."""
        first = next(self._as_read(), None)
        return bool(first is not None and first.height) or self.arriving.count() > 0

    @property
    def ragged(self) -> "pl.DataFrame":
        """Rows with more or fewer cells: `row` and `cells`. They are known when all have arrived."""
        import polars as pl  # noqa: PLC0415  (see uploads.kinds)

        ragged = self.arriving.ragged()
        if self.mended is None:
            return ragged
        return ragged.remove(pl.col("row").is_in(self.mended["row"].implode()))

    def blocks(self) -> "Iterator[pl.DataFrame]":
        """Yield the rows with a cell for each heading, in order, some at a time: a million take 200 MB.

        Their columns: `row`, as a spreadsheet program counts, `c0`, `c1` and so on.

        Raises:
            UnreadableFile: it breaks off within a row.
        """
        blocks = self._as_read() if self.mended is None else self._with(self.mended)
        for block in blocks:
            yield block.with_columns(self.corrections)

    def _as_read(self) -> "Iterator[pl.DataFrame]":
        import polars as pl  # noqa: PLC0415  (see uploads.kinds)

        return (pl.read_ipc(path) for path in self.arriving.rows())

    def _with(self, left: "pl.DataFrame") -> "Iterator[pl.DataFrame]":
        import polars as pl  # noqa: PLC0415  (see uploads.kinds)

        paths = list(self.arriving.rows())  # all are there, as what is mended was found among the ragged ones
        for place, path in enumerate(paths, start=1):
            block = pl.read_ipc(path)
            if left.height:
                comes_later = (pl.col("row") > (block["row"].max() or 0)) & (place < len(paths))
                block = pl.concat([block, left.remove(comes_later).select(block.columns)]).sort("row")
                left = left.filter(comes_later)
            yield block


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the beginning of a file shows."""

    headings: tuple[str, ...]
    sheet: str
    sheets: tuple[str, ...]
    """All sheets of a workbook; none of another file."""
    sample: tuple[tuple[str, ...], ...]
    """The first rows."""


def look_at(content: IO[bytes], *, dataset: Dataset, sheet: str = "") -> Look:
    """Return what the file's beginning shows.

    Raises:
        UnreadableFile: it is no data file.
    """
    with TemporaryDirectory(prefix="upload-") as folder:
        path = _on_disk(content, Path(folder))
        found = _run(FOR_LOOKING, "preview", path=path, folder=folder, dataset=dataset, sheet=sheet)
        return Look(
            headings=tuple(found["headings"]),
            sheet=found["sheet"],
            sheets=tuple(found["sheets"]),
            sample=tuple(tuple(row) for row in found["sample"]),
        )


@contextmanager
def read(content: IO[bytes], *, dataset: Dataset, sheet: str = "") -> Iterator[Table]:
    """Read the whole file for the block, which begins as soon as the headings are known.

    Raises:
        UnreadableFile: it is no data file.
    """
    with TemporaryDirectory(prefix="upload-") as folder, ThreadPoolExecutor(1) as beside:
        path = _on_disk(content, Path(folder))
        reading = beside.submit(
            _run, FOR_READING, "read", path=path, folder=folder, dataset=dataset, sheet=sheet
        )
        arriving = Arriving(Path(folder), reading)
        beginning = arriving.beginning()
        yield Table(
            headings=tuple(beginning["headings"]),
            delimiter=beginning["delimiter"],
            sheet=beginning["sheet"],
            folder=Path(folder),
            arriving=arriving,
        )


def _run(
    limits: Limits, call: str, *, path: Path, folder: str, dataset: Dataset, sheet: str
) -> Mapping[str, Any]:
    arguments = {"path": str(path), "folder": folder, "known": list(dataset.by_heading), "sheet": sheet}
    found = _tried(limits, f"uploads.tables.reading:{call}", arguments)
    if "refused" in found:
        raise _told(**found["parts"])
    return found


def _told(*, sentence: str, advice: str, values: Mapping[str, Any]) -> UnreadableFile:
    """Return what a child says of the file, in the reader's language."""
    return UnreadableFile(gettext(sentence), advice=gettext(advice) if advice else "", **values)


def _tried(limits: Limits, function: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the call made of the file; a process that is killed for another's sake says nothing of it.

    The second try writes the same files once more, by which nobody is disturbed who reads them already.
    """
    for _try in range(TRIES):
        try:
            found: Mapping[str, Any] = CONFINEMENT.run(function, arguments, limits=limits)
        except OutOfBounds as error:
            raise UnreadableFile(str(TOO_MUCH[error.bound])) from error
        except Crashed:
            log.warning("data_file_crashed_its_reader")
        else:
            return found
    raise UnreadableFile(str(NOT_READ), advice=gettext(SAVE_AS_CSV))


def _on_disk(content: IO[bytes], folder: Path) -> Path:
    """Return where the file lies in the folder, under a name that says nothing of what it is.

    What a store elsewhere or the memory holds is copied there; to what lies on this disk a link leads.
    """
    own = getattr(content, "file", None) or content  # a stored file's own name is one within its store
    path = Path(str(getattr(own, "name", "") or ""))
    target = folder / "received"
    if path.is_absolute() and path.is_file():
        target.symlink_to(path)
        return target
    content.seek(0)
    with target.open("wb") as copy:
        shutil.copyfileobj(content, copy, 1 << 20)
    return target
