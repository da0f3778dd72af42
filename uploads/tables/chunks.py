"""A text file as chunks of UTF-8, each of which ends where a line ends."""

import codecs
from collections.abc import Iterator
from pathlib import Path

CHUNK_BYTES = 8 << 20


def chunks_of(path: Path, *, encoding: str, most_bytes: int | None = None) -> Iterator[bytes]:
    """Yield the file's text in chunks of UTF-8, without a mark; with `most_bytes`, of about its beginning."""
    left = b""
    for block in _utf_8_blocks(path, encoding=encoding, most_bytes=most_bytes):
        data = left + block
        end = _last_line_end(data)
        if end:
            yield data[:end]
        left = data[end:]
    if left and (most_bytes is None or path.stat().st_size <= most_bytes):
        yield left


def _last_line_end(data: bytes) -> int:
    """Return the place behind the last whole line; 0 when there is none."""
    if end := data.rfind(b"\n") + 1:
        return end
    # The last sign is kept back: after a \r there may come a \n.
    return data.rfind(b"\r", 0, -1) + 1


def _utf_8_blocks(path: Path, *, encoding: str, most_bytes: int | None) -> Iterator[bytes]:
    decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)()
    left = CHUNK_BYTES if most_bytes is None else most_bytes
    with path.open("rb") as file:
        while left > 0 and (block := file.read(min(CHUNK_BYTES, left))):
            if most_bytes is not None:
                left -= len(block)
            yield block if decoder is None else decoder.decode(block).encode()
        if decoder is not None and most_bytes is None:
            yield decoder.decode(b"", final=True).encode()
