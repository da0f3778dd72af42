"""Writing a PDF from front to back: objects as they come, packed together, and the table of where they are.

The file is written once and never read back, so that memory does not grow with it: for each object eleven
bytes are kept. After ISO 32000-1, 7.5.7 (object streams) and 7.5.8 (cross-reference streams).
"""

import hashlib
import os
import zlib
from contextlib import suppress
from io import UnsupportedOperation
from typing import IO

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
PACKED_OBJECTS = 200
"""Objects in one stream of objects: viewers unpack all of them to read one."""
SENT_BYTES, BLOCK_BYTES = 1 << 16, 1 << 20
FREE, PLAIN, PACKED = 0, 1, 2
"""Kinds of entries in the cross-reference stream."""
OFFSET_BYTES = 6
ENTRY_BYTES = 1 + OFFSET_BYTES + 2


class PdfFile:
    """A PDF in the making."""

    def __init__(self, output: IO[bytes]) -> None:
        """Write to `output`, which is empty."""
        self._output = output
        self._at = output.write(HEADER)
        self._entries = bytearray(_entry(FREE, 0, 0xFFFF))
        self._packed: list[tuple[int, bytes]] = []

    def reserve(self) -> int:
        """Return the number of a new object, which is to be written later."""
        self._entries += bytes(ENTRY_BYTES)
        return len(self._entries) // ENTRY_BYTES - 1

    def add(self, text: bytes) -> int:
        """Write a new object and return its number."""
        number = self.reserve()
        self.put(number, text)
        return number

    def put(self, number: int, text: bytes) -> None:
        """Write the object `number`, which has no stream."""
        self._packed.append((number, text))
        if len(self._packed) == PACKED_OBJECTS:
            self._pack()

    def add_stream(self, data: bytes, *, entries: bytes = b"") -> int:
        """Write a new stream, with these `entries` in its dictionary, and return its number."""
        number = self.reserve()
        self.put_stream(number, b"<<%b/Length %d>>" % (entries, len(data)), data)
        return number

    def put_stream(self, number: int, text: bytes, data: "bytes | memoryview") -> None:
        """Write the stream `number`; `text` is its dictionary, with its length."""
        self.begin_stream(number, text)
        self.write(data)
        self.end_stream()

    def begin_stream(self, number: int, text: bytes) -> None:
        """Begin the stream `number`; its data follows by `write`."""
        self._set(number, PLAIN, self._at, 0)
        self.write(b"%d 0 obj\n%b\nstream\n" % (number, text))

    def write(self, data: "bytes | memoryview") -> None:
        """Write data of the stream that was begun."""
        self._output.write(data)
        self._at += len(data)

    def copy(self, source: IO[bytes], *, start: int, length: int) -> None:
        """Copy data of the stream that was begun from another file; the system does that where it is long."""
        copied = self._send(source, start=start, length=length) if length >= SENT_BYTES else 0
        source.seek(start + copied)
        while copied < length:
            block = source.read(min(length - copied, BLOCK_BYTES))
            if not block:
                message = "The piece ends before its stream does."
                raise EOFError(message)
            copied += self._output.write(block)
        self._at += length

    def _send(self, source: IO[bytes], *, start: int, length: int) -> int:
        """Return how many bytes were copied; none where one of the two is no file of the system's."""
        sent = 0
        with suppress(OSError, UnsupportedOperation, AttributeError):
            ends = self._output.fileno(), source.fileno()
            self._output.flush()
            while sent < length and (more := os.sendfile(*ends, start + sent, length - sent)):
                sent += more
        return sent

    def end_stream(self) -> None:
        """End the stream that was begun."""
        self.write(b"\nendstream\nendobj\n")

    def end(self, *, root: int, info: int, digest: bytes) -> None:
        """Write what is left and the table; the `digest` of the content tells the file from others."""
        self._pack()
        number = self.reserve()
        self._set(number, PLAIN, self._at, 0)
        count, start = len(self._entries) // ENTRY_BYTES, self._at
        own = hashlib.blake2b(digest, digest_size=16).hexdigest().encode()
        table = zlib.compress(bytes(self._entries))
        text = (
            b"<</Type/XRef/Size %d/W[1 %d 2]/Root %d 0 R/Info %d 0 R/ID[<%b><%b>]"
            b"/Filter/FlateDecode/Length %d>>" % (count, OFFSET_BYTES, root, info, own, own, len(table))
        )
        self.write(b"%d 0 obj\n%b\nstream\n" % (number, text))
        self.write(table)
        self.end_stream()
        self.write(b"startxref\n%d\n%%%%EOF\n" % start)

    def _pack(self) -> None:
        """Write the objects that wait as one stream."""
        if not self._packed:
            return
        number = self.reserve()
        head, body = [], []
        at = 0
        for index, (own, text) in enumerate(self._packed):
            self._set(own, PACKED, number, index)
            head.append(b"%d %d" % (own, at))
            body.append(text)
            at += len(text) + 1
        first = b" ".join(head) + b"\n"
        data = zlib.compress(first + b"\n".join(body))
        entries = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(self._packed), len(first))
        self.put_stream(number, b"<<%b/Length %d>>" % (entries, len(data)), data)
        self._packed = []

    def _set(self, number: int, kind: int, first: int, second: int) -> None:
        at = number * ENTRY_BYTES
        self._entries[at : at + ENTRY_BYTES] = _entry(kind, first, second)


def _entry(kind: int, first: int, second: int) -> bytes:
    return bytes((kind,)) + first.to_bytes(OFFSET_BYTES, "big") + second.to_bytes(2, "big")


def pdf_string(text: str) -> bytes:
    """Return a text as a PDF string that every viewer reads."""
    return b"<%b>" % (b"\xfe\xff" + text.encode("utf-16-be", "surrogatepass")).hex().encode()
