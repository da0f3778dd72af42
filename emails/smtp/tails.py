"""The tail of a mail: its attachments, encoded once and kept in a file, up to the final dot."""

import hashlib
import mmap
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from django.utils.translation import gettext as _

from emails.smtp.fields import attachment_fields
from emails.smtp.texts import base64_lines
from jobs.retries import PermanentFailure

FINAL_DOT = b".\r\n"
BLOCK_BYTES = 57 << 14
"""Read at once from an attachment: a multiple of 57, the bytes of one line of base64."""
WINDOW_BYTES = 1 << 20
"""Sent at once; a multiple of the page size."""
MAPPED_BYTES = 8 << 20
"""A tail up to this size stays mapped while it is in use."""
FIRST_LINE_BYTES = 100
LINE_BYTES, LINE_LENGTH = 57, 78
HEADER_ROOM = 8192
"""More than the header of any part, and more than what follows the last."""
BOUNDARY_BYTES = 16


class AttachmentChanged(PermanentFailure):
    """A stored file has other bytes than those it was stored with."""


@dataclass(frozen=True, kw_only=True)
class Enclosed:
    """A file to be attached, known by the hash of its content."""

    sha256: str
    size: int
    """In bytes."""
    name: str
    media_type: str
    open: Callable[[], BinaryIO]


class AnyTail(Protocol):
    """What follows the head of a mail, up to its final dot."""

    boundary: str
    size: int

    def windows(self, *, until: int) -> Iterator[bytes | memoryview]:
        """Yield the bytes up to `until`, which is `size`, or the final dot more."""


class Tail:
    """An encoded tail in a file, looked at through a mapping that any number of threads share."""

    def __init__(self, descriptor: int) -> None:
        """Map the open file `descriptor`, which may be closed afterwards."""
        self._mapping = mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)
        self._view = memoryview(self._mapping)
        self.size = len(self._view) - len(FINAL_DOT)
        """In bytes, without the final dot that stands behind it in the file."""
        first_line = bytes(self._view[:FIRST_LINE_BYTES]).split(b"\r\n", 1)[0]
        self.boundary = first_line.decode().removeprefix("--")
        """Begins with `=_`; the tail's first line and its last are made of it."""

    def windows(self, *, until: int) -> Iterator[bytes | memoryview]:
        """Yield the bytes up to `until` in large pieces.

        They stay in the page cache of the system, which needs them once for all. Of a tail over
        `MAPPED_BYTES` each piece leaves our memory when the next comes, for that costs time.
        """
        for start in range(0, until, WINDOW_BYTES):
            length = min(WINDOW_BYTES, until - start)
            with self._view[start : start + length] as window:
                yield window
            if self.size > MAPPED_BYTES:
                self._mapping.madvise(mmap.MADV_DONTNEED, start, length)

    def close(self) -> None:
        """Let go of the mapping."""
        self._view.release()
        self._mapping.close()


def key_of(enclosed: Sequence[Enclosed]) -> str:
    """Return what names the tail of these files: a hash of their contents, names and types."""
    digest = hashlib.sha256()
    for file in enclosed:
        digest.update(f"{file.sha256}\0{file.name}\0{file.media_type}\0".encode("utf-8", "replace"))
    return digest.hexdigest()


def room_for(enclosed: Sequence[Enclosed]) -> int:
    """Return the most bytes that the tail of these files takes."""
    return HEADER_ROOM + sum(-(-file.size // LINE_BYTES) * LINE_LENGTH + HEADER_ROOM for file in enclosed)


def new_boundary() -> str:
    """Return a boundary that no text can hold by chance."""
    return f"=_{secrets.token_hex(BOUNDARY_BYTES)}"


def write_tail(enclosed: Sequence[Enclosed], out: BinaryIO) -> None:
    """Encode the files into `out`, a block at a time.

    The boundary is random, so that no text can hold it by chance; it stands in the first line.

    Raises:
        AttachmentChanged: a file's bytes do not have its hash.
    """
    boundary = new_boundary()
    for file in enclosed:
        out.write(f"--{boundary}\r\n".encode())
        out.write(attachment_fields(name=file.name, media_type=file.media_type))
        _write_content(file, out)
    out.write(f"--{boundary}--\r\n".encode() + FINAL_DOT)


def _write_content(file: Enclosed, out: BinaryIO) -> None:
    digest = hashlib.sha256()
    with file.open() as content:
        for block in full_blocks(content):
            digest.update(block)
            out.write(base64_lines(block))
    require_unchanged(file.name, sha256=file.sha256, found=digest.hexdigest())


def require_unchanged(name: str, *, sha256: str, found: str) -> None:
    """Refuse a file whose bytes have another hash than those that were stored.

    Raises:
        AttachmentChanged: so it is.
    """
    if found != sha256:
        message = _("The attachment “{name}” is not what it was when it was stored. Please attach it again.")
        raise AttachmentChanged(message.format(name=name))


def full_blocks(content: BinaryIO) -> Iterator[bytes]:
    """Read blocks of whole lines, also from a file that gives fewer bytes than it was asked for."""
    pending = b""
    while piece := content.read(BLOCK_BYTES - len(pending)):
        pending += piece
        if len(pending) == BLOCK_BYTES:
            yield pending
            pending = b""
    if pending:
        yield pending
