"""In which encoding a text file is written, found by reading all of it."""

import codecs
import sys
from pathlib import Path
from typing import IO

from uploads.tables.broken_text import refuse_mixed, row_without_text
from uploads.tables.refusing import SAVE_AS_CSV, UnreadableFile, gettext_noop

BLOCK_BYTES = 1 << 22
HEAD_BYTES = 4096
KNOWN_FILES = (
    ((b"%PDF",), gettext_noop("This is a PDF document, not a CSV file.")),
    ((b"\x89PNG", b"\xff\xd8\xff", b"GIF8"), gettext_noop("This is a picture, not a CSV file.")),
    (
        (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!"),
        gettext_noop("This is a compressed file, not a CSV file."),
    ),
    ((b"SQLite format 3",), gettext_noop("This is a database, not a CSV file.")),
)
UTF_8 = ("utf-8", "utf-8-sig")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(path: Path, *, most_bytes: int | None = None) -> str:
    """Return the encoding in which the whole file, or its first `most_bytes`, is text.

    Raises:
        UnreadableFile: it is empty, a file of another kind, in several encodings, or no text.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        _refuse_known(head)
        for encoding in _candidates(head):
            file.seek(0)
            if _is_text(file, encoding=encoding, most_bytes=most_bytes):
                return encoding
            if encoding in UTF_8:
                refuse_mixed(path, most_bytes=most_bytes)
        row = row_without_text(path) if encoding == "windows-1252" else None
    if row:
        message = gettext_noop("This is not a CSV file: what row {row:,} holds is no text that we know.")
        raise UnreadableFile(message, advice=SAVE_AS_CSV, row=row)
    message = gettext_noop("This is not a CSV file: its bytes are no text that we know.")
    raise UnreadableFile(message, advice=SAVE_AS_CSV)


def _refuse_known(head: bytes) -> None:
    if not head:
        message = gettext_noop("The file is empty.")
        raise UnreadableFile(message)
    for starts, message in KNOWN_FILES:
        if head.startswith(starts):
            raise UnreadableFile(message, advice=SAVE_AS_CSV)


def _candidates(head: bytes) -> list[str]:
    for mark, encoding in MARKS:
        if head.startswith(mark):
            # A text in Windows-1252 may begin like the mark of UTF-8, never like one of UTF-16.
            return [encoding, "windows-1252"] if encoding == "utf-8-sig" else [encoding]
    # Without a mark, UTF-16 is told by the zeros in every other byte.
    pairs = len(head) // 2
    for place, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[place::2].count(0) > pairs * 0.7 and not head[1 - place :: 2].count(0):
            return [encoding]
    return ["utf-8", "windows-1252"]


def _is_text(file: IO[bytes], *, encoding: str, most_bytes: int | None) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    left = sys.maxsize if most_bytes is None else most_bytes
    try:
        while left and (block := file.read(min(BLOCK_BYTES, left))):
            if "\0" in decoder.decode(block):
                return False
            left -= len(block)
        decoder.decode(b"", final=left > 0)
    except UnicodeError:
        return False
    return True
