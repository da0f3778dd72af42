"""Binding pieces into one PDF: numbers are filled in, streams copied, and what is the same is written once.

A piece is open only while it is copied, so that memory and open files do not grow with the packet.
"""

import hashlib
from collections.abc import Sequence
from typing import IO

from packets import numbering
from packets.bookmarks import Mark, write_marks, write_places
from packets.layout import Layout
from packets.pdf_file import PdfFile, pdf_string
from packets.pieces import CLOSING, FONT, OPENING, PARENT, SLOTS, Piece, PieceObject, read_piece

NODE_PAGES = 64
"""Pages below one node of the page tree."""
PRODUCER = "Switchyard"


class Binder:
    """A packet in the making."""

    def __init__(self, output: IO[bytes], *, pages: int, layout: Layout, of: int = 0) -> None:
        """Write a packet of so many `pages` to `output`, which is empty; its numbers say `of` how many."""
        self.file = PdfFile(output)
        self.pages = [0] * pages
        """Numbers of the pages' objects, in order; 0 until a page is there."""
        self._layout, self._of = layout, of or pages
        self._root = self.file.reserve()
        self._nodes = [self.file.reserve() for _ in range(0, pages, NODE_PAGES)]
        self._font = self.file.add(numbering.FONT)
        self._plain: dict[bytes, int] = {}
        """Streams around the content of pages that many have in common."""
        self._shared: dict[str, int] = {}
        """Numbers of objects that are there already, by digest."""
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, source: IO[bytes], *, at: Sequence[int]) -> tuple[Piece, list[int]]:
        """Put the piece's pages `at` these positions, from 0; return it with the numbers of its pages."""
        piece = read_piece(source)
        positions = {page.place: index for index, page in enumerate(piece.pages)}
        numbers, new = self._numbers(piece)
        for place in new:
            each = piece.objects[place]
            if place in positions:
                index = positions[place]
                numbers[-SLOTS:] = self._slots(piece, index, position=at[index])
                self.pages[at[index]] = numbers[place]
            self._write(each, source, numbers=numbers, place=place)
        return piece, [numbers[page.place] for page in piece.pages]

    def end(self, *, title: str, marks: Sequence[Mark], places: dict[str, int]) -> None:
        """Write what holds the pages together; nothing can be added any more."""
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
        text = numbering.number_of(self._layout, position=position, pages=self._of)
        slots = {
            PARENT: self._nodes[position // NODE_PAGES],
            FONT: self._font,
            OPENING: self._once(numbering.opening(page)),
            CLOSING: self._once(numbering.closing(page, text=text, place=self._layout.number_place)),
        }
        return [slots[slot] for slot in range(-SLOTS, 0)]

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
        for index, node in enumerate(self._nodes):
            kids = self.pages[index * NODE_PAGES : (index + 1) * NODE_PAGES]
            self.file.put(node, _node(kids, count=len(kids), parent=b"/Parent %d 0 R" % self._root))
        self.file.put(self._root, _node(self._nodes, count=len(self.pages)))


def _node(kids: Sequence[int], *, count: int, parent: bytes = b"") -> bytes:
    return b"<</Type/Pages%b/Count %d/Kids[%b]>>" % (
        parent,
        count,
        b" ".join(b"%d 0 R" % kid for kid in kids),
    )
