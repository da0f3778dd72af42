"""Binding pieces into one PDF: numbers are filled in, streams copied, and what is the same is written once.

Where pages stand is known at once, and their numbers only once all are there: they are printed at the end.
A piece is open only while it is copied, so that memory and open files do not grow with the packet.
"""

import hashlib
from collections.abc import Sequence
from typing import IO

from packets import numbering
from packets.bookmarks import Mark, write_marks, write_places
from packets.layout import Layout
from packets.pdf_file import PdfFile, pdf_string
from packets.pieces import CLOSING, FONT, OPENING, PARENT, SLOTS, Piece, PieceObject, PiecePage, read_piece

NODE_PAGES = 64
"""Pages below one node of the page tree."""
PRODUCER = "Switchyard"


class Binder:
    """A packet in the making."""

    def __init__(self, output: IO[bytes], *, layout: Layout) -> None:
        """Write a packet to `output`, which is empty."""
        self.file = PdfFile(output)
        self._pages: dict[int, int] = {}
        """Numbers of the pages' objects, by position: pages are in its order, whatever it begins with."""
        self._unnumbered: list[tuple[int, PiecePage, int]] = []
        """What prints the numbers of pages, which nobody knows yet: its object, the page, the position."""
        self._layout = layout
        self._root = self.file.reserve()
        self._nodes: dict[int, int] = {}
        self._font = self.file.add(numbering.FONT)
        self._plain: dict[bytes, int] = {}
        """Streams around the content of pages that many have in common."""
        self._shared: dict[str, int] = {}
        """Numbers of objects that are there already, by digest."""
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, source: IO[bytes], *, at: Sequence[int]) -> tuple[Piece, list[int]]:
        """Put the piece's pages `at` these positions; return it with the numbers of its pages."""
        piece = read_piece(source)
        positions = {page.place: index for index, page in enumerate(piece.pages)}
        numbers, new = self._numbers(piece)
        for place in new:
            each = piece.objects[place]
            if place in positions:
                index = positions[place]
                numbers[-SLOTS:] = self._slots(piece, index, position=at[index])
                self._pages[at[index]] = numbers[place]
            self._write(each, source, numbers=numbers, place=place)
        return piece, [numbers[page.place] for page in piece.pages]

    def end(self, *, title: str, marks: Sequence[Mark], places: dict[str, int], of: int = 0) -> None:
        """Write what holds the pages together; nothing can be added any more. Numbers say `of` how many."""
        self._write_numbers(of=of or len(self._pages))
        self._write_tree()
        parts = [b"<</Type/Catalog/Pages %d 0 R/ViewerPreferences<</DisplayDocTitle true>>" % self._root]
        if marks:
            parts.append(b"/PageMode/UseOutlines/Outlines %d 0 R" % write_marks(self.file, marks))
        if places:
            parts.append(b"/Names<</Dests %d 0 R>>" % write_places(self.file, places))
        root = self.file.add(b"".join([*parts, b">>"]))
        name = pdf_string(title)
        info = self.file.add(b"<</Title%b/Producer%b>>" % (name, pdf_string(PRODUCER)))
        self._digest.update(name)
        self.file.end(root=root, info=info, digest=self._digest.digest())

    def _numbers(self, piece: Piece) -> tuple[list[int], list[int]]:
        """Return the number of each object, with room for the slots, and the places of the new ones."""
        numbers, new = [0] * (len(piece.objects) + SLOTS), []
        for place, each in enumerate(piece.objects):
            number = self._shared.get(each.digest) if each.digest else None
            if number is None:
                number = self.file.reserve()
                new.append(place)
                if each.digest:
                    self._shared[each.digest] = number
            numbers[place] = number
        return numbers, new

    def _slots(self, piece: Piece, index: int, *, position: int) -> list[int]:
        page = piece.pages[index]
        slots = {
            PARENT: self._node(position // NODE_PAGES),
            FONT: self._font,
            OPENING: self._once(numbering.opening(page)),
            CLOSING: self._closing(page, position),
        }
        return [slots[slot] for slot in range(-SLOTS, 0)]

    def _node(self, key: int) -> int:
        if key not in self._nodes:
            self._nodes[key] = self.file.reserve()
        return self._nodes[key]

    def _closing(self, page: PiecePage, position: int) -> int:
        if not self._layout.has_numbers:
            return self._once(numbering.closing(page, text=""))
        number = self.file.reserve()
        self._unnumbered.append((number, page, position))
        return number

    def _write_numbers(self, *, of: int) -> None:
        first = min(self._pages, default=0)
        for number, page, position in self._unnumbered:
            text = numbering.number_of(self._layout, position=position - first, pages=of)
            data = numbering.closing(page, text=text, place=self._layout.number_place)
            self.file.put_stream(number, b"<</Length %d>>" % len(data), data)

    def _once(self, data: bytes) -> int:
        """Return the number of the stream with this content, written for the first that needs it."""
        if (number := self._plain.get(data)) is None:
            number = self.file.add_stream(data)
            if len(data) <= len(b"q ") * 4:
                self._plain[data] = number
        return number

    def _write(self, each: PieceObject, source: IO[bytes], *, numbers: list[int], place: int) -> None:
        text = each.text % tuple([numbers[own] for own in each.numbers])
        self._digest.update(each.digest.encode() or text)
        if each.start < 0:
            self.file.put(numbers[place], text)
            return
        self.file.begin_stream(numbers[place], text)
        self.file.copy(source, start=each.start, length=each.length)
        self.file.end_stream()

    def _write_tree(self) -> None:
        for key, node in self._nodes.items():
            places = range(key * NODE_PAGES, (key + 1) * NODE_PAGES)
            kids = [self._pages[place] for place in places if place in self._pages]
            self.file.put(node, _node(kids, count=len(kids), parent=b"/Parent %d 0 R" % self._root))
        nodes = [self._nodes[key] for key in sorted(self._nodes)]
        self.file.put(self._root, _node(nodes, count=len(self._pages)))


def _node(kids: Sequence[int], *, count: int, parent: bytes = b"") -> bytes:
    return b"<</Type/Pages%b/Count %d/Kids[%b]>>" % (
        parent,
        count,
        b" ".join(b"%d 0 R" % kid for kid in kids),
    )
