"""Enclosing: from stored files to the encoded tail that this host keeps of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from emails.settings import mail_settings
from emails.smtp.spool import Spool
from emails.smtp.tails import Enclosed, Tail
from jobs.models import StoredFile


def spool() -> Spool:
    """Return the spool of this host."""
    now = mail_settings()
    return Spool(folder=Path(now.spool_folder), budget_bytes=now.spool_bytes)


@contextmanager
def tail_of(files: Sequence[StoredFile]) -> Iterator[Tail | None]:
    """Keep the encoded tail of `files` in place within the block; None without files.

    Raises:
        SpoolFull: this host has no room for it now.
        AttachmentChanged: the store has other bytes than were stored.
    """
    if not files:
        yield None
        return
    with spool().tail([_enclosed(file) for file in files]) as tail:
        yield tail


def _enclosed(file: StoredFile) -> Enclosed:
    return Enclosed(
        sha256=file.sha256,
        size=file.size,
        name=file.name,
        media_type=file.media_type,
        open=lambda: cast("BinaryIO", file.content.open("rb")),
    )
