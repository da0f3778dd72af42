"""Pieces: documents made ready for packets, so that one is taken into a packet by copying.

A piece holds a PDF's pages and all that they draw: each object as a text with a hole for every number of
another object, and the streams as they were, one behind the other. Who binds a packet fills in the numbers
and copies the streams; nothing is parsed, unpacked or packed again. What is the same in two pieces has the
same digest, so that it goes into a packet once. The index is JSON: reading it can do nothing but fail.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Any, Self

MAGIC = b"switchyard piece 1\n"
TAIL_BYTES = 16
"""At the end, in decimal: where the index begins."""
PARENT, FONT, OPENING, CLOSING = -1, -2, -3, -4
"""Numbers that a page gets from the packet: its node of the page tree, the font of page numbers, and the
streams around its own content. Below 0, so that they index the end of a list of numbers."""
SLOTS = 4


class NoPiece(Exception):
    """The file is not a whole piece of this version."""


@dataclass(frozen=True, slots=True)
class PieceObject:
    """One object of a PDF."""

    text: bytes
    """With `%d` for each number of an object, and `%%` for a percent sign."""
    numbers: tuple[int, ...]
    """What goes into the holes: places in the piece's objects, or one of the slots below 0."""
    digest: str = ""
    """Of all that the object leads to; empty where it leads to a page or in a circle."""
    start: int = -1
    """Where its stream begins in the file; -1 when it has none."""
    length: int = 0
    """Bytes of the stream."""


@dataclass(frozen=True, slots=True)
class PiecePage:
    """One page, with what is needed to print a number on it."""

    place: int
    """Its place in the piece's objects."""
    box: tuple[float, float, float, float]
    """What is seen of it: left, bottom, right, top, before it is turned."""
    turned: int = 0
    """By how many degrees viewers turn it clockwise: 0, 90, 180 or 270."""
    opens: int = 0
    """States that its content takes back without having kept them."""
    closes: int = 0
    """States that its content keeps and never takes back."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A bookmark of the source."""

    title: str
    page: int
    """Index of the page in the piece."""
    view: str
    """What follows the page in a destination, such as `/XYZ 0 700 null`."""
    below: tuple["Bookmark", ...] = ()

    @classmethod
    def read(cls, given: dict[str, Any]) -> Self:
        """Return the bookmark that `given` describes."""
        below = tuple(cls.read(each) for each in given["below"])
        return cls(title=given["title"], page=given["page"], view=given["view"], below=below)


@dataclass(kw_only=True)
class Piece:
    """The index of a piece."""

    objects: list[PieceObject] = field(default_factory=list)
    pages: list[PiecePage] = field(default_factory=list)
    bookmarks: list[Bookmark] = field(default_factory=list)


class PieceWriter:
    """Writes a piece: first the streams, as they come, then the index."""

    def __init__(self, output: IO[bytes]) -> None:
        """Write to `output`, which is empty."""
        self._output = output
        self._at = output.write(MAGIC)

    def add_stream(self, data: bytes | memoryview) -> int:
        """Write the stream and return where it begins."""
        start = self._at
        self._at += self._output.write(data)
        return start

    def end(self, piece: Piece) -> int:
        """Write the index and return how many bytes the piece has."""
        objects = [
            (each.text.decode("latin-1"), each.numbers, each.digest, each.start, each.length)
            for each in piece.objects
        ]
        pages = [(each.place, each.box, each.turned, each.opens, each.closes) for each in piece.pages]
        index = {
            "objects": objects,
            "pages": pages,
            "bookmarks": [asdict(each) for each in piece.bookmarks],
        }
        written = self._output.write(json.dumps(index, separators=(",", ":")).encode())
        return self._at + written + self._output.write(b"%*d" % (TAIL_BYTES, self._at))


def read_piece(file: IO[bytes]) -> Piece:
    """Return the index of the piece in `file`.

    Raises:
        NoPiece: the file was cut short, or is something else.
    """
    try:
        end = file.seek(-TAIL_BYTES, os.SEEK_END)
        start = int(file.read(TAIL_BYTES))
        file.seek(0)
        is_known = file.read(len(MAGIC)) == MAGIC
        file.seek(start)
        index = json.loads(file.read(end - start)) if is_known else {}
        return Piece(
            objects=list(_objects(index["objects"])),
            pages=[PiecePage(place, tuple(box), *rest) for place, box, *rest in index["pages"]],
            bookmarks=[Bookmark.read(each) for each in index["bookmarks"]],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = "The readied document is damaged."
        raise NoPiece(message) from error


def _objects(rows: Sequence[Sequence[Any]]) -> Iterator[PieceObject]:
    for text, numbers, digest, start, length in rows:
        yield PieceObject(text.encode("latin-1"), tuple(numbers), digest, start, length)
