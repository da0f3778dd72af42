"""The pages that a packet sets itself: which there are, where they stand, and binding them.

They are set beside the binding of the documents. How many come in front is known only then, so positions
count from the first student's first page, and those in front of it are below 0.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.amounts import count
from packets.binding import Binder
from packets.bookmarks import Mark

if TYPE_CHECKING:
    from packets.book import Book, BookStudent

DIVIDERS_AT_ONCE = 250
"""Dividers set in one child: its memory grows with them."""
FEW_STUDENTS = 60
"""Dividers of so few are set together with the rest: another child would cost more than it gains."""
MANIFEST = "manifest"
NOTES = gettext_lazy("Notes on this packet")

Typeset = Callable[..., Sequence[int]]


class SetPages:
    """Sets what comes around the students and between them, which is bound after their documents."""

    def __init__(
        self,
        book: "Book",
        *,
        typeset: Typeset,
        folder: Path,
        executor: Executor,
        dividers_of: int = sys.maxsize,
    ) -> None:
        """Set the pages of `book`, with dividers of so many students; their pieces stay in `folder`."""
        self._book, self._typeset, self._folder = book, typeset, folder
        layout, self._parted = book.layout, book.students[:dividers_of]
        self._body = sum(student.pages + layout.has_dividers for student in book.students)
        self._has_notes = layout.has_manifest and bool(book.notes)
        dividers = list(self._dividers()) if layout.has_dividers else []
        around = list(self._around())
        if len(self._parted) <= FEW_STUDENTS:
            around, dividers = [*around, *dividers], []
        self._names = [each["part"] for each in around]
        self._set_around = executor.submit(typeset, parts=around) if around else None
        self._set_dividers = [executor.submit(typeset, parts=[each]) for each in dividers]

    def starts(self) -> list[int]:
        """Return the position of each student's first page."""
        found, at = [], 0
        for student in self._book.students:
            found.append(at)
            at += student.pages + self._book.layout.has_dividers
        return found

    def bind_front(self, binder: Binder) -> list[Mark]:
        """Bind what comes before the students, and return its bookmarks."""
        if not self.front:
            return []
        layout = self._book.layout
        numbers = self._bind(binder, "front", at=range(-self.front, 0))
        contents = numbers[min(layout.has_cover + bool(layout.notice), self.front - 1)]
        return [Mark(title=_("Contents"), page=contents)] if layout.has_contents else []

    def bind_dividers(self, binder: Binder, starts: Sequence[int]) -> list[int]:
        """Bind the dividers as they come, and return the numbers of their pages' objects."""
        numbers: list[int] = []
        if self._book.layout.has_dividers:
            for batch, first in enumerate(range(0, len(starts), DIVIDERS_AT_ONCE)):
                if self._set_dividers:
                    self._set_dividers[batch].result()
                numbers += self._bind(
                    binder, f"dividers-{batch}", at=starts[first : first + DIVIDERS_AT_ONCE]
                )
        return numbers

    def bind_notes(self, binder: Binder) -> list[Mark]:
        """Bind the notes at the end, and return their bookmark."""
        if not self._notes:
            return []
        numbers = self._bind(binder, MANIFEST, at=range(self._body, self._body + self._notes))
        return [Mark(title=str(NOTES), page=numbers[0])]

    @property
    def front(self) -> int:
        """Pages in front of the first student; waits until they are set."""
        return self._made.get("front", 0)

    @property
    def total(self) -> int:
        """Pages of the packet; waits until they are set."""
        return self.front + self._body + self._notes

    @property
    def _notes(self) -> int:
        return self._made.get(MANIFEST, 0)

    @cached_property
    def _made(self) -> Mapping[str, int]:
        """The pages of each part that is set around the students."""
        pages = self._set_around.result() if self._set_around else ()
        return dict(zip(self._names, pages, strict=True))

    def _around(self) -> Iterator[dict[str, Any]]:
        layout = self._book.layout
        if self._has_notes:
            yield self._part(MANIFEST, {"manifest": [vars(notes) for notes in self._book.notes]})
        if layout.has_cover or layout.has_contents or layout.notice:
            yield self._part("front", self._front_data())

    def _dividers(self) -> Iterator[dict[str, Any]]:
        for batch, first in enumerate(range(0, len(self._parted), DIVIDERS_AT_ONCE)):
            students = self._parted[first : first + DIVIDERS_AT_ONCE]
            data = {"students": [_divider(student) for student in students]}
            yield {**self._part("dividers", data), "target": self._path(f"dividers-{batch}")}

    def _part(self, name: str, data: Mapping[str, Any]) -> dict[str, Any]:
        common = {"title": self._book.title, "school": self._book.school, **words()}
        return {"part": name, "data": {**common, **data}, "target": self._path(name)}

    def _front_data(self) -> dict[str, Any]:
        layout, students, offset = self._book.layout, [], 0
        for index, student in enumerate(self._book.students):
            students.append({**_contents_line(student), "anchor": anchor(index), "offset": offset})
            offset += student.pages + layout.has_dividers
        documents = sum(len(student.documents) for student in self._book.students)
        return {
            "students": students,
            "summary": f"{count(len(students), 'student')} · {count(documents, 'document')}",
            "manifest_offset": self._body if self._has_notes else None,
            "logo": self._logo(),
            "cover_text": layout.cover_text,
            "notice": layout.notice,
            "has_cover": layout.has_cover,
            "has_contents": layout.has_contents,
        }

    def _logo(self) -> dict[str, Any] | None:
        """Put the logo where the typesetter finds it, and return its place and size."""
        logo = self._book.logo
        if logo is None or not self._book.layout.has_cover:
            return None
        path = self._folder / "logo.png"
        path.write_bytes(logo.content)
        width, height = logo.points
        return {"path": str(path), "width": width, "height": height}

    def _path(self, name: str) -> str:
        return str(self._folder / f"{name}.piece")

    def _bind(self, binder: Binder, name: str, *, at: Sequence[int]) -> list[int]:
        with Path(self._path(name)).open("rb") as source:
            return binder.add(source, at=at)[1]


def words() -> dict[str, str]:
    """Return what the pages say beside what they are given, and the language that it is in."""
    return {
        "language": settings.LANGUAGE_CODE.partition("-")[0],
        "contents_title": _("Contents"),
        "notice_title": _("Please note"),
        "notes_title": str(NOTES),
    }


def anchor(index: int) -> str:
    """Return the name of the place where the student of this index begins."""
    return f"student-{index}"


def _divider(student: "BookStudent") -> dict[str, Any]:
    documents = [{"label": each.label, "pages": count(each.pages, "page")} for each in student.documents]
    return {"name": student.name, "detail": student.detail, "group": student.group, "documents": documents}


def _contents_line(student: "BookStudent") -> dict[str, str]:
    labels = ", ".join(dict.fromkeys(document.label for document in student.documents))
    line = " · ".join(filter(None, (student.detail, labels)))
    return {"name": student.name, "group": student.group, "line": line}
