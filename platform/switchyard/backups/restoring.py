"""Restoring a backup: all of it, or nothing."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from jobs import holds
from jobs.models import HoldMode, HoldScope, School
from jobs.settings import switchyard
from switchyard.backups import CannotBackUp, sealing, tables
from switchyard.backups.backing_up import END, FILES, FORMAT, HEAD, ROWS, Count, Head

WHY = (
    "The database was restored from a backup of {made_at}. What was sent after that is not known here: stop "
    "the jobs that had gone on, then let this lane go on."
)
UNCHANGED = "The database is as it was."
BLOCK_BYTES = 1 << 20
Members = Iterator[tuple[str, IO[bytes]]]


def check(path: Path, *, identity: sealing.Identity) -> tuple[Head, Count]:
    """Read the whole backup and change nothing; return its head and what it holds.

    Raises:
        CannotBackUp: it cannot be read, or not all of it is there.
    """
    with path.open("rb") as source, sealing.reading(source, identity=identity) as members:
        head = _head_of(members)
        count = _take(members, head, Reader())
    return head, count


def restore(path: Path, *, identity: sealing.Identity, replace: bool = False) -> tuple[Head, Count]:
    """Put the backup in the place of what database and storage hold; return its head and what it holds.

    Nothing in the database is changed unless all of the backup could be read. All lanes are paused then, but
    those that people wait for: jobs may have gone on after the backup was made, and would do so twice.

    Raises:
        CannotBackUp: it cannot be read; the platform runs; there are schools already and not `replace`; the
            database has other tables than the backup.
    """
    tables.be_patient()
    with path.open("rb") as source, sealing.reading(source, identity=identity) as members:
        head = _head_of(members)
        _require_free(replace=replace)
        tables.migrate_to({(app, name) for app, name in head.migrations})
        if tables.columns_by_table() != head.columns:
            message = "The tables of this database are others than those of the backup."
            raise CannotBackUp(message)
        with transaction.atomic():
            tables.clear(head.columns)
            count = _take(members, head, Writer())
            tables.set_sequences(head.sequences)
    return head, count


def pause_lanes(head: Head) -> list[str]:
    """Pause all lanes but the vital ones, and return their names. The tables must be up to date."""
    names = [lane.name for lane in switchyard().lanes.values() if not lane.is_vital]
    for name in names:
        target = holds.Target(scope=HoldScope.LANE, name=name)
        holds.put(target, mode=HoldMode.PAUSE, by=None, why=WHY.format(made_at=head.made_at))
    return names


class Reader:
    """What is done with rows and files of a backup: they are read, and nothing else."""

    def take_rows(self, _table: str, _columns: list[str], content: IO[bytes]) -> int:
        """Return how many rows there are."""
        return sum(block.count(b"\n") for block in iter(lambda: content.read(BLOCK_BYTES), b""))

    def take_file(self, _name: str, content: IO[bytes]) -> int:
        """Return the file's size."""
        return sum(map(len, iter(lambda: content.read(BLOCK_BYTES), b"")))


class Writer(Reader):
    """Rows and files are put back."""

    def take_rows(self, table: str, columns: list[str], content: IO[bytes]) -> int:
        """Add the rows and return how many."""
        return tables.read_rows(table, columns, source=content)

    def take_file(self, name: str, content: IO[bytes]) -> int:
        """Write the file, in the place of another one of its name, and return its size.

        Raises:
            CannotBackUp: it cannot be written, such as where the disk is full.
        """
        try:
            default_storage.delete(name)
            stored = default_storage.save(name, File(content))
        except OSError as error:
            if error.errno is None:
                raise  # it is the backup that cannot be read
            message = f"{default_storage.path(name)} cannot be written: {error.strerror}. {UNCHANGED}"
            raise CannotBackUp(message) from error
        if stored != name:
            message = f"The storage took the file {name} under another name."
            raise CannotBackUp(message)
        size: int = default_storage.size(name)
        return size


def _head_of(members: Members) -> Head:
    name, content = next(members, ("", None))
    if name != HEAD or content is None:
        message = "This is no backup of Switchyard."
        raise CannotBackUp(message)
    told: dict[str, Any] = json.load(content)
    if told.get("format") != FORMAT:
        message = f"The backup has the format {told.get('format')}, and this Switchyard reads {FORMAT}."
        raise CannotBackUp(message)
    return Head(**told)


def _take(members: Members, head: Head, taker: Reader) -> Count:
    """Let `taker` have rows and files, and return how many there were, as the backup's end says too."""
    count, said = Count(), None
    for name, content in members:
        if name.startswith(ROWS):
            table = name.removeprefix(ROWS)
            count.rows[table] = taker.take_rows(table, head.columns[table], content)
        if name.startswith(FILES):
            count.files += 1
            count.file_bytes += taker.take_file(name.removeprefix(FILES), content)
        if name == END:
            said = json.load(content)
            count.gone = said["gone"]
    if said != asdict(count):
        message = "The backup does not hold all that it should. Nothing was restored."
        raise CannotBackUp(message)
    return count


def _require_free(*, replace: bool) -> None:
    if others := tables.others_connected():
        message = (
            f"The database has {others} other connections. Stop web, workers and supervisors first, so that "
            "nothing of the old data goes on."
        )
        raise CannotBackUp(message)
    is_made = bool(tables.migrations())
    if is_made and not replace and (schools := School.objects.count()):
        message = f"The database holds {schools} schools. To throw away all that it holds, add --replace."
        raise CannotBackUp(message)
