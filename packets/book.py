"""A whole packet: which pages it has in which order, set and bound into one PDF."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from packets.binding import Binder
from packets.bookmarks import Mark, marks_of
from packets.layout import Layout

DIVIDERS_AT_ONCE = 250
"""Dividers set in one child: its memory grows with them."""
MANIFEST = "manifest"
NOTES = "Notes on this packet"

Typeset = Callable[..., Mapping[str, Any]]
Step = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class BookDocument:
    """One document of a student."""

    label: str
    pages: int
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    """Opens its piece."""


@dataclass(frozen=True, kw_only=True)
class BookStudent:
    """One student with documents."""

    name: str
    documents: Sequence[BookDocument]
    detail: str = ""
    """Below the name, such as “Biology · Class of 2027”."""
    group: str = ""
    """What it stands under in contents and bookmarks."""

    @property
    def pages(self) -> int:
        """Pages of the documents."""
        return sum(document.pages for document in self.documents)


@dataclass(frozen=True, kw_only=True)
class Notes:
    """A list at the end of the packet."""

    heading: str
    sentence: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Book:
    """What is to be bound."""

    title: str
    school: str
    students: Sequence[BookStudent]
    layout: Layout = field(default_factory=Layout)
    notes: Sequence[Notes] = ()


@dataclass(frozen=True, kw_only=True)
class BoundBook:
    """What was bound."""

    pages: int
    first_pages: Sequence[int]
    """Of each student's documents, from 1."""


def bind_book(book: Book, output: IO[bytes], *, typeset: Typeset, step: Step) -> BoundBook:
    """Write the packet to `output`, which is empty; `step` is told after each document how many are bound."""
    with TemporaryDirectory(prefix="book-") as folder:
        pages = _SetPages(book, typeset=typeset, folder=Path(folder))
        binder = Binder(output, pages=pages.total, layout=book.layout)
        starts = list(pages.starts())
        marks, places = pages.bind_front(binder)
        dividers = pages.bind_dividers(binder, starts)
        done = 0
        by_student: list[Mark] = []
        for student, start in zip(book.students, starts, strict=True):
            at = start + book.layout.has_dividers
            below = []
            for document in student.documents:
                below.append(_bind(binder, document, at=at))
                at += document.pages
                done += 1
                step(done)
            first = dividers[len(by_student)] if dividers else below[0].page
            by_student.append(Mark(title=student.name, page=first, below=below))
        places |= {_anchor(index): mark.page for index, mark in enumerate(by_student)}
        marks += [*_grouped(book, by_student), *pages.bind_notes(binder, places)]
        binder.end(title=book.title, marks=marks, places=places if book.layout.has_contents else {})
    return BoundBook(
        pages=pages.total, first_pages=[start + book.layout.has_dividers + 1 for start in starts]
    )


def _bind(binder: Binder, document: BookDocument, *, at: int) -> Mark:
    with document.open() as source:
        piece, numbers = binder.add(source, at=range(at, at + document.pages))
    return Mark(title=document.label, page=numbers[0], below=marks_of(piece.bookmarks, numbers))


def _grouped(book: Book, marks: Sequence[Mark]) -> Iterator[Mark]:
    """Yield the students' bookmarks below those of their groups, where there are some."""
    pairs = zip(book.students, marks, strict=True)
    for group, members in groupby(pairs, key=lambda pair: pair[0].group):
        found = [mark for _, mark in members]
        if group:
            yield Mark(title=group, page=found[0].page, below=found)
        else:
            yield from found


class _SetPages:
    """The pages that the packet sets itself."""

    def __init__(self, book: Book, *, typeset: Typeset, folder: Path) -> None:
        self._book, self._typeset, self._folder = book, typeset, folder
        layout = book.layout
        self._body = sum(student.pages + layout.has_dividers for student in book.students)
        self._notes = self._set("manifest", self._common()) if layout.has_manifest and book.notes else 0
        is_fronted = layout.has_cover or layout.has_contents or layout.notice
        self._front = self._set("front", self._front_data()) if is_fronted else 0
        self.total = self._front + self._body + self._notes

    def starts(self) -> Iterator[int]:
        """Yield the position of each student's first page, from 0."""
        at = self._front
        for student in self._book.students:
            yield at
            at += student.pages + self._book.layout.has_dividers

    def bind_front(self, binder: Binder) -> tuple[list[Mark], dict[str, int]]:
        """Bind what comes before the students, and return its bookmarks and places."""
        if not self._front:
            return [], {}
        layout = self._book.layout
        numbers = self._bind(binder, "front", at=range(self._front))
        contents = numbers[min(layout.has_cover + bool(layout.notice), self._front - 1)]
        return [Mark(title="Contents", page=contents)] if layout.has_contents else [], {}

    def bind_dividers(self, binder: Binder, starts: Sequence[int]) -> list[int]:
        """Set and bind the dividers, some hundred at a time; return the numbers of their pages' objects."""
        numbers: list[int] = []
        if self._book.layout.has_dividers:
            for first in range(0, len(starts), DIVIDERS_AT_ONCE):
                some = slice(first, first + DIVIDERS_AT_ONCE)
                students = [_divider(student) for student in self._book.students[some]]
                self._set("dividers", {**self._common(), "students": students})
                numbers += self._bind(binder, "dividers", at=starts[some])
        return numbers

    def bind_notes(self, binder: Binder, places: dict[str, int]) -> list[Mark]:
        """Bind the notes at the end, and return their bookmark."""
        if not self._notes:
            return []
        at = range(self.total - self._notes, self.total)
        places[MANIFEST] = self._bind(binder, "manifest", at=at)[0]
        return [Mark(title=NOTES, page=places[MANIFEST])]

    def _set(self, part: str, data: Mapping[str, Any]) -> int:
        made = self._typeset(part=part, data=data, target=str(self._folder / f"{part}.piece"))
        return int(made["pages"])

    def _bind(self, binder: Binder, part: str, *, at: Sequence[int]) -> list[int]:
        with (self._folder / f"{part}.piece").open("rb") as source:
            return binder.add(source, at=at)[1]

    def _common(self) -> dict[str, Any]:
        layout = self._book.layout
        return {
            "title": self._book.title,
            "school": self._book.school,
            "notes_title": NOTES,
            "cover_text": layout.cover_text,
            "notice": layout.notice,
            "has_cover": layout.has_cover,
            "has_contents": layout.has_contents,
            "manifest": [vars(notes) for notes in self._book.notes],
        }

    def _front_data(self) -> dict[str, Any]:
        students, offset = [], 0
        for index, student in enumerate(self._book.students):
            students.append(_contents_line(student, anchor=_anchor(index), offset=offset))
            offset += student.pages + self._book.layout.has_dividers
        documents = sum(len(student.documents) for student in self._book.students)
        summary = f"{_counted(len(students), 'student')} · {_counted(documents, 'document')}"
        notes_offset = self._body if self._notes else None
        return {**self._common(), "students": students, "summary": summary, "manifest_offset": notes_offset}


def _divider(student: BookStudent) -> dict[str, Any]:
    documents = [{"label": each.label, "pages": _counted(each.pages, "page")} for each in student.documents]
    return {"name": student.name, "detail": student.detail, "group": student.group, "documents": documents}


def _contents_line(student: BookStudent, *, anchor: str, offset: int) -> dict[str, Any]:
    labels = ", ".join(dict.fromkeys(document.label for document in student.documents))
    line = " · ".join(filter(None, (student.detail, labels)))
    return {"name": student.name, "group": student.group, "line": line, "anchor": anchor, "offset": offset}


def _anchor(index: int) -> str:
    return f"student-{index}"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")
