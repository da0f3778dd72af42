"""A whole packet: which pages it has in which order, set and bound into one PDF."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from packets.binding import Binder
from packets.bookmarks import Mark, marks_of
from packets.layout import Layout
from packets.logo_picture import Logo
from packets.set_pages import MANIFEST, SetPages, Typeset, anchor

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
    logo: Logo | None = None
    """On the cover."""


@dataclass(frozen=True, kw_only=True)
class BoundBook:
    """What was bound."""

    pages: int
    first_pages: Sequence[int]
    """Of each student's documents, from 1."""


def bind_book(book: Book, output: IO[bytes], *, typeset: Typeset, step: Step) -> BoundBook:
    """Write the packet to `output`, which is empty; `step` is told after each document how many are bound."""
    with TemporaryDirectory(prefix="book-") as folder, _executor() as executor:
        pages = SetPages(book, typeset=typeset, folder=Path(folder), executor=executor)
        binder = Binder(output, layout=book.layout)
        starts, has_dividers = pages.starts(), book.layout.has_dividers
        firsts = [start + has_dividers for start in starts]
        students = list(_bind_students(book, binder, firsts, step=step))
        marks = pages.bind_front(binder)
        for mark, page in zip(students, pages.bind_dividers(binder, starts), strict=has_dividers):
            mark.page = page
        notes = pages.bind_notes(binder)
        places = {anchor(index): mark.page for index, mark in enumerate(students)}
        if notes:
            places[MANIFEST] = notes[0].page
        marks += [*_grouped(book, students), *notes]
        binder.end(title=book.title, marks=marks, places=places if book.layout.has_contents else {})
    return BoundBook(pages=pages.total, first_pages=[pages.front + first + 1 for first in firsts])


def bind_sample(book: Book, output: IO[bytes], *, typeset: Typeset, is_shown: bool) -> int:
    """Write the pages in front of the first student, and where that `is_shown` those of this student.

    Numbers and contents are as in the whole packet. Other students' pieces need not be there. Returned is
    how many pages come before the student.
    """
    with TemporaryDirectory(prefix="sample-") as folder, _executor() as executor:
        pages = SetPages(book, typeset=typeset, folder=Path(folder), executor=executor, dividers_of=1)
        binder = Binder(output, layout=book.layout)
        pages.bind_front(binder)
        if is_shown:
            at = int(book.layout.has_dividers)
            for document in book.students[0].documents:
                _bind(binder, document, at=at)
                at += document.pages
            pages.bind_dividers(binder, [0])
        binder.end(title=book.title, marks=(), places={}, of=pages.total)
    return pages.front


@contextmanager
def _executor() -> Iterator[Executor]:
    """Give one thread; what waits for it when the work ends early is not begun."""
    executor = ThreadPoolExecutor(max_workers=1)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def _bind_students(book: Book, binder: Binder, firsts: Sequence[int], *, step: Step) -> Iterator[Mark]:
    done = 0
    for student, first in zip(book.students, firsts, strict=True):
        below, at = [], first
        for document in student.documents:
            below.append(_bind(binder, document, at=at))
            at += document.pages
            done += 1
            step(done)
        yield Mark(title=student.name, page=below[0].page, below=below)


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
