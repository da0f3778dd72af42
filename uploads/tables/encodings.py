"""In which encoding a text file is written, found by reading all of it."""

import codecs
import sys
from pathlib import Path
from typing import IO

from uploads.tables.broken_text import refuse_mixed, row_without_text
from uploads.tables.refusing import SAVE_AS_CSV, UnreadableFile

BLOCK_BYTES = 1 << 22
HEAD_BYTES = 4096
KNOWN_FILES = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"SQLite format 3", "a database"),
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
    what = f"what row {row:,} holds is" if row else "its bytes are"
    message = f"This is not a CSV file: {what} no text that we know. {SAVE_AS_CSV}"
    raise UnreadableFile(message)


def _refuse_known(head: bytes) -> None:
    if not head:
        message = "The file is empty."
        raise UnreadableFile(message)
    for start, what in KNOWN_FILES:
        if head.startswith(start):
            message = f"This is {what}, not a CSV file. {SAVE_AS_CSV}"
            raise UnreadableFile(message)


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
