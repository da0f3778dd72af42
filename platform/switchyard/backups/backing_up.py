"""Making a backup: database and files of one moment."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from tarfile import TarFile, TarInfo
from tempfile import TemporaryFile
from typing import IO, Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import FileField

from switchyard.backups import CannotBackUp, sealing, tables

FORMAT = 1
HEAD, END, ROWS, FILES = "switchyard.json", "end.json", "rows/", "files/"
"""Members of the archive, in this order: head, rows of each table, files, end."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """What must be known before anything is restored."""

    made_at: str
    """By ISO 8601, with its zone."""
    migrations: list[list[str]]
    """App and name of those that were done."""
    columns: dict[str, list[str]]
    """By table."""
    sequences: dict[str, int | None]
    format: int = FORMAT


@dataclass(kw_only=True)
class Count:
    """What a backup holds."""

    rows: dict[str, int] = field(default_factory=dict)
    """By table."""
    files: int = 0
    file_bytes: int = 0
    gone: int = 0
    """Files that were deleted while it was made, since their records were."""


def back_up(path: Path, *, recipient: sealing.Recipient, now: datetime) -> Count:
    """Write the backup to `path`, which is there whole or not at all, and return what it holds.

    Others may work meanwhile: rows and files' names are those of one moment. A file is written before its
    record, so it is there, unless it was deleted since.

    Raises:
        CannotBackUp: it cannot be written.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode=0o600), "wb") as target:
            with sealing.writing(target, recipient=recipient) as archive:
                count = _write(archive, now=now)
            target.flush()
            os.fsync(target.fileno())
        partial.rename(path)
    except OSError as error:
        message = f"The backup cannot be written to {path}: {error.strerror}."
        raise CannotBackUp(message) from error
    finally:
        with suppress(OSError):
            partial.unlink()
    return count


def _write(archive: TarFile, *, now: datetime) -> Count:
    count = Count()
    tables.be_patient()
    with transaction.atomic():
        tables.begin_snapshot()
        head = Head(
            made_at=now.isoformat(),
            migrations=sorted(map(list, tables.migrations())),
            columns=tables.columns_by_table(),
            sequences=tables.sequences(),
        )
        _add_json(archive, HEAD, asdict(head))
        for table, columns in head.columns.items():
            with TemporaryFile() as rows:
                count.rows[table] = tables.write_rows(table, columns, to=rows)
                _add(archive, f"{ROWS}{table}", rows, size=rows.tell())
        for name in _names_of_files():
            _add_file(archive, name, count)
    _add_json(archive, END, asdict(count))
    return count


def _names_of_files() -> Iterator[str]:
    for model in apps.get_models():
        for column in model._meta.get_fields():  # noqa: SLF001  (Django documents it)
            if isinstance(column, FileField):
                names = model._base_manager.exclude(**{column.name: ""})  # noqa: SLF001  (likewise)
                yield from names.order_by().values_list(column.name, flat=True).distinct().iterator()


def _add_file(archive: TarFile, name: str, count: Count) -> None:
    try:
        with default_storage.open(name) as content:
            _add(archive, f"{FILES}{name}", content, size=content.size)
            count.files += 1
            count.file_bytes += content.size
    except FileNotFoundError:
        count.gone += 1


def _add_json(archive: TarFile, name: str, told: Any) -> None:
    text = json.dumps(told, indent=1).encode()
    _add(archive, name, BytesIO(text), size=len(text))


def _add(archive: TarFile, name: str, content: IO[bytes], *, size: int) -> None:
    content.seek(0)
    member = TarInfo(name)
    member.size = size
    member.mode = 0o600
    archive.addfile(member, content)
