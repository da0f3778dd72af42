"""The first pages of a packet before it is built, as pictures, within a few seconds.

A page waits for this: in the lane of packets it would stand behind a large packet of the school for
minutes. So it has an end by the clock, few are made at once, and child processes open and draw.
"""

from collections.abc import Iterator, Sequence
from tempfile import NamedTemporaryFile
from threading import BoundedSemaphore
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.amounts import count
from jobs.confinement import OutOfBounds
from jobs.directory import Document, Student
from jobs.models import School
from packets import confined, pictures
from packets.book import Book, BookStudent, bind_sample
from packets.capping import room_for
from packets.layout import PLAIN
from packets.logos import logo_of
from packets.models import Packet, PacketStudent, ReadyDocument
from packets.normalising import VERSION
from packets.opening import Unusable
from packets.planning import documents_of
from packets.readying import ready
from packets.releasing import released, withheld_of
from packets.requesting import PacketRequest, in_order
from packets.sheets import Preview, Sheet, address_of, labels_of
from packets.shelving import PieceLost, book_student, notes_of
from packets.until import TimeOver, Until
from packets.wording import layout_of

SECONDS, MEGABYTES = 12.0, 300
"""For all of it together; of each child's memory."""
AT_ONCE = 2
"""In one web process; who comes while so many are made is told so."""
STUDENTS_TRIED = 3
"""Whose documents are opened until those of one can be shown."""
BUSY = _("Other previews are being made right now. Try again in a few seconds, or build the packet.")
TOO_LONG = _("The preview takes too long for this page. Build the packet to see it.")
MADE_AGAIN = _("A document has to be made ready once more. Try again.")
NOTHING = _("None of these students has such a document that is released, so there is nothing to show.")
ESTIMATED = _("Documents that no packet held before count as one page here, so page numbers may be others.")
FULL = _("{over} would be left out: packets of your school may have {most}.")
NOT_DRAWN = _("Some pages take too long to draw here.")

_places = BoundedSemaphore(AT_ONCE)


def preview(request: PacketRequest, *, school: School) -> Preview:
    """Return pictures of the first pages of the packet that is asked for, or say why there are none."""
    if not _places.acquire(blocking=False):
        return Preview(notes=(str(BUSY),))
    try:
        return _Sample(request, school=school).drawn()
    except (OutOfBounds, TimeOver):
        return Preview(notes=(str(TOO_LONG),))
    except PieceLost:
        return Preview(notes=(str(MADE_AGAIN),))
    finally:
        _places.release()


class _Sample:
    """A packet in memory, of which the first student's documents are made ready."""

    def __init__(self, request: PacketRequest, *, school: School) -> None:
        self._until = Until(seconds=SECONDS, megabytes=MEGABYTES)
        self._packet = Packet(
            school=school,
            title=request.title,
            document_types=list(request.document_types),
            layout=request.layout.as_json(),
            created_at=timezone.now(),
        )
        self._layout = layout_of(self._packet) if request.layout.output != "students" else PLAIN
        self._logo = request.logo
        self._students = in_order(request.students, layout=request.layout)
        ids = [each.id for each in self._students]
        self._stored = documents_of(self._packet, student_ids=ids)
        self._withheld = withheld_of(self._packet, student_ids=ids)
        self._notes: list[str] = []
        self._documents = self._fitting(
            {pk: released(found, self._withheld) for pk, found in self._stored.items()}
        )
        self._ready: dict[str, ReadyDocument] = self._known()

    def _fitting(self, documents: dict[int, list[Document]]) -> dict[int, list[Document]]:
        """Return the documents for which a packet has room, and note how many have none."""
        everything = [each for of_one in documents.values() for each in of_one]
        room = room_for(everything, school=self._packet.school)
        if over := len(everything) - room.documents:
            self._notes.append(FULL.format(over=count(over, "document"), most=room.most))
        kept = {each.id for each in everything[: room.documents]}
        return {pk: [each for each in of_one if each.id in kept] for pk, of_one in documents.items()}

    def drawn(self) -> Preview:
        """Return the pictures and what is to be said."""
        book, is_shown = self._book()
        if not book.students:
            return Preview(notes=[*self._notes, str(NOTHING)])
        with NamedTemporaryFile(suffix=".pdf") as output:
            front = bind_sample(book, output, typeset=self._typeset, is_shown=is_shown)
            output.flush()
            labels = dict(labels_of(book, front=front, is_shown=is_shown))
            found = pictures.draw(output.name, pages=list(labels), limits=self._until.limits())
        if len(found) < len(labels):
            self._notes.append(str(NOT_DRAWN))
        sheets = [Sheet(label=labels[number], address=address_of(found[number])) for number in sorted(found)]
        return Preview(sheets=sheets, notes=self._notes)

    def _typeset(self, **given: Any) -> Sequence[int]:
        return confined.typeset(limits=self._until.limits(), **given)

    def _book(self) -> tuple[Book, bool]:
        """Return the book, and whether the first student's documents can be shown."""
        rows = [self._row(student, position) for position, student in enumerate(self._students)]
        is_shown = False
        students: list[BookStudent] = []
        with_documents = [row for row in rows if self._documents[row.student_id]]
        for tried, row in enumerate(with_documents):
            is_first = not is_shown and tried < STUDENTS_TRIED
            documents = list(self._opened(row) if is_first else self._estimated(row))
            is_shown = is_shown or (is_first and bool(documents))
            if documents:
                entry = {"student": row.student_id, "documents": documents}
                students.append(book_student(row, entry, layout=self._layout, ready=self._ready))
        layout = self._layout
        book = Book(
            title=self._packet.title,
            school=self._packet.school.name,
            students=students,
            layout=layout,
            notes=list(notes_of(self._packet, rows)) if layout.has_manifest else (),
            logo=logo_of(self._logo) if layout.has_cover else None,
        )
        return book, is_shown

    def _row(self, student: Student, position: int) -> PacketStudent:
        wanted = self._packet.document_types
        types = {document.document_type for document in self._stored[student.id]}
        return PacketStudent(
            student_id=student.id,
            position=position,
            name=student.name,
            major=student.major,
            graduation_year=student.graduation_year,
            missing_types=[name for name in wanted if name not in types],
            withheld_types=[
                name for name in wanted if name in types and (student.id, name) in self._withheld
            ],
        )

    def _opened(self, row: PacketStudent) -> Iterator[tuple[str, int, str]]:
        """Make the student's documents ready, and yield those that can be used."""
        for document in self._documents[row.student_id]:
            try:
                found = ready(document, school=self._packet.school, limits=self._until.limits())
            except Unusable as unusable:
                self._notes.append(f"{row.name}, {document.file_name}: {unusable}")
            else:
                self._ready[found.sha256] = found
                yield document.document_type, found.pages, found.sha256

    def _estimated(self, row: PacketStudent) -> Iterator[tuple[str, int, str]]:
        """Yield the student's documents with their pages, as far as these are known."""
        for document in self._documents[row.student_id]:
            known = self._ready.get(document.sha256)
            if known is None and str(ESTIMATED) not in self._notes and self._shows_numbers:
                self._notes.append(str(ESTIMATED))
            if known is None or not known.reason:
                yield document.document_type, known.pages if known else 1, document.sha256

    @property
    def _shows_numbers(self) -> bool:
        return self._layout.has_numbers or self._layout.has_contents

    def _known(self) -> dict[str, ReadyDocument]:
        digests = {each.sha256 for found in self._documents.values() for each in found}
        documents = ReadyDocument.objects.filter(school=self._packet.school, version=VERSION)
        found = documents.filter(sha256__in=digests).select_related("piece")
        return {each.sha256: each for each in found}
