"""Enclosing: from stored files to the encoded tail that this host keeps of them, or a mail's own."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from emails.settings import mail_settings
from emails.smtp.own_tails import OwnTail
from emails.smtp.spool import Spool
from emails.smtp.tails import Enclosed, Tail, require_unchanged
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
    with spool().tail([enclosed(file) for file in files]) as tail:
        yield tail


def own_tail_of(files: Sequence[StoredFile], *, boundary: str, shared: Tail | None) -> OwnTail:
    """Return the tail of one mail with `files` of its own, each of which is read once to be sure of it.

    Raises:
        AttachmentChanged: the store has not the bytes that were stored.
    """
    for file in files:
        require_unchanged(file.name, sha256=file.sha256, found=_hash_of(file))
    return OwnTail([enclosed(file) for file in files], boundary=boundary, shared=shared)


def _hash_of(file: StoredFile) -> str:
    try:
        with file.content.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return ""


def enclosed(file: StoredFile) -> Enclosed:
    """Return `file` as what a tail is made of."""
    return Enclosed(
        sha256=file.sha256,
        size=file.size,
        name=file.name,
        media_type=file.media_type,
        open=lambda: cast("BinaryIO", file.content.open("rb")),
    )
