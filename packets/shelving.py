"""What a packet is bound of: its chunks, in order, as the documents of its students."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import Job, Step
from jobs.retries import TemporaryFailure
from packets.assembly import FIELDS as FIELDS_NOTED
from packets.assembly import draft_of
from packets.book import Book, BookDocument, BookStudent, Notes
from packets.forgetting import forget
from packets.layout import Layout
from packets.logos import logo_of
from packets.models import Chunk, DocumentType, LeftOut, Packet, PacketStudent, ReadyDocument
from packets.normalising import VERSION
from packets.releasing import SENTENCE, take_back
from packets.trimming import trim
from packets.wording import layout_of

GROUPED_BY = {"major": "major", "year": "graduation_year"}
"""By which field of a student a packet in this order is grouped."""
MISSING = gettext_lazy("These documents were asked for, but none is stored for the student.")
LEFT_OUT = gettext_lazy("These documents are stored, but could not be put into the packet.")
MADE_AGAIN = gettext_lazy("A document that had been made ready is gone; it is made ready again.")
FIELDS = 4
"""Of a document in a chunk; those of workers of before have less, and are made again."""

Ready = Mapping[str, ReadyDocument]


class PieceLost(TemporaryFailure):
    """The storage lost what a document was made ready as; it is forgotten, so that it is made again."""


def shelve(packet: Packet, *, job: Job, chunks: Sequence[Chunk]) -> tuple[Book, list[PacketStudent]]:
    """Return the packet's book with its students; chunks that lack a piece are made again first."""
    ready = _ready(packet, chunks)
    if old := [chunk for chunk in chunks if not _is_whole(chunk, ready)]:
        for chunk in old:
            _renew(chunk, packet=packet, job=job)
        ready = _ready(packet, chunks)
    layout = layout_of(packet)
    by_id = {student.student_id: student for student in packet.students.all()}
    entries = take_back(packet, [entry for chunk in chunks for entry in chunk.contents], by_id)
    entries = trim(packet, entries, by_id)
    _count_pages(entries, by_id)
    students = [by_id[entry["student"]] for entry in entries]
    book = Book(
        title=packet.title,
        school=packet.school.name,
        students=[
            book_student(by_id[entry["student"]], entry, layout=layout, ready=ready) for entry in entries
        ],
        layout=layout,
        logo=logo_of(packet.logo) if layout.has_cover else None,
        notes=list(notes_of(packet, by_id.values())) if layout.has_manifest else (),
    )
    return book, students


def _count_pages(entries: Sequence[Mapping[str, Any]], by_id: Mapping[int, PacketStudent]) -> None:
    """Note how many pages the packet has of each student, where that is news."""
    pages = {entry["student"]: sum(pages for _, pages, *_ in entry["documents"]) for entry in entries}
    changed = [student for pk, student in by_id.items() if student.pages != pages.get(pk, 0)]
    for student in changed:
        student.pages = pages.get(student.student_id, 0)
    PacketStudent.objects.bulk_update(changed, ["pages"])


def book_student(
    student: PacketStudent, entry: Mapping[str, Any], *, layout: Layout, ready: Ready
) -> BookStudent:
    """Return the student with the documents of the entry of a chunk; what is bound of them is in `ready`."""
    grouping = GROUPED_BY.get(layout.order, "")
    year = _("Class of {year}").format(year=student.graduation_year) if student.graduation_year else ""
    group = {"major": student.major, "graduation_year": year}.get(grouping, "")
    documents = [
        BookDocument(label=str(DocumentType(name).label), pages=pages, open=partial(_open, ready.get(digest)))
        for name, pages, digest, *_ in entry["documents"]
    ]
    detail = " · ".join(filter(None, (each for each in (student.major, year) if each != group)))
    return BookStudent(name=student.name, documents=documents, detail=detail, group=group)


@contextmanager
def _open(ready: ReadyDocument | None) -> Iterator[IO[bytes]]:
    """Open the piece.

    Raises:
        PieceLost: so it is; the next attempt makes it again.
    """
    assert ready is not None  # noqa: S101  (what is bound was made ready)
    assert ready.piece is not None  # noqa: S101  (the table's constraint)
    try:
        with ready.piece.content.storage.open(str(ready.piece.content.name), "rb") as file:
            yield file
    except FileNotFoundError as error:
        forget(ready)
        raise PieceLost(MADE_AGAIN) from error


def _ready(packet: Packet, chunks: Sequence[Chunk]) -> Ready:
    digests = {
        document[2]
        for chunk in chunks
        for entry in chunk.contents
        for document in entry["documents"]
        if len(document) == FIELDS
    }
    found = ReadyDocument.objects.filter(school=packet.school_id, version=VERSION, sha256__in=digests)
    return {each.sha256: each for each in found.select_related("piece") if each.piece is not None}


def _is_whole(chunk: Chunk, ready: Ready) -> bool:
    documents = [document for entry in chunk.contents for document in entry["documents"]]
    return all(len(document) == FIELDS and document[2] in ready for document in documents)


def _renew(chunk: Chunk, *, packet: Packet, job: Job) -> None:
    """Make ready what the chunk names: workers of before made a PDF of it, or its pieces are gone."""
    parts = job.parts.filter(step=Step.WORK, arguments__number=chunk.number).order_by("-pk")
    of_edition = (each for each in parts if each.arguments.get("edition", 1) == chunk.edition)
    draft = draft_of(next(of_edition).arguments, packet=packet)
    chunk.contents, chunk.documents = draft.contents, draft.documents
    with transaction.atomic():
        Chunk.objects.filter(pk=chunk.pk).update(contents=draft.contents, documents=draft.documents)
        LeftOut.objects.bulk_create(draft.left_out, ignore_conflicts=True)
        PacketStudent.objects.bulk_update(draft.students, FIELDS_NOTED)


def notes_of(packet: Packet, students: Collection[PacketStudent]) -> Iterator[Notes]:
    """Yield the lists at the end; of a packet that is not asked for yet nothing was left out."""
    missing = [(each.name, _labels(each.missing_types)) for each in students if each.missing_types]
    if missing:
        yield Notes(
            heading=_("Missing"), sentence=str(MISSING), head=(_("Student"), _("Document")), rows=missing
        )
    withheld = [(each.name, _labels(each.withheld_types)) for each in students if each.withheld_types]
    if withheld:
        yield Notes(
            heading=_("Not released"),
            sentence=str(SENTENCE),
            head=(_("Student"), _("Document")),
            rows=withheld,
        )
    left_out = LeftOut.objects.filter(packet_id=packet.pk).select_related("student")
    if rows := [(each.student.name, each.file_name or _("removed"), each.reason) for each in left_out]:
        yield Notes(
            heading=_("Left out"), sentence=str(LEFT_OUT), head=(_("Student"), _("File"), _("Why")), rows=rows
        )


def _labels(names: Sequence[str]) -> str:
    return ", ".join(str(DocumentType(name).label) for name in names)
