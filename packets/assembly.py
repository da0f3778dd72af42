"""Doing one part of a packet: its students' documents merged into one chunk, and what was left out noted."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast

import pikepdf
import structlog
from django.core.files import File
from django.db import transaction

from jobs.directory import Document
from jobs.verbs import WorkingPart
from packets.checking import DAMAGED, GONE, Unusable, open_document
from packets.models import Chunk, LeftOut, Packet, PacketStudent
from packets.page_counts import note_pages
from packets.planning import documents_of

log = structlog.get_logger()


@dataclass(kw_only=True)
class Draft:
    """A chunk in the making."""

    pdf: pikepdf.Pdf = field(default_factory=pikepdf.new)
    contents: list[dict[str, object]] = field(default_factory=list)
    documents: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    """Not in the database yet."""
    students: list[PacketStudent] = field(default_factory=list)
    """Those with pages, which are not in the database yet."""
    pages: dict[int, int] = field(default_factory=dict)
    """Pages by document."""


def assemble(part: WorkingPart, *, packet: Packet) -> None:
    """Make the chunk of `part` and note what was left out; a chunk that is there already stays as it is."""
    place = {"edition": part.arguments.get("edition", 1), "number": part.arguments["number"]}
    chunk = packet.chunks.filter(**place).first()
    if chunk is None:
        with ExitStack() as sources, TemporaryFile() as output:
            draft = _draft(part, packet=packet, sources=sources)
            if draft.documents:
                save(draft.pdf, output)
            part.check()
            chunk = _keep(packet, place=place, draft=draft, output=output)
        note_pages(packet.school_id, draft.pages)
    part.report(done=chunk.documents, failed=chunk.left_out)


def save(pdf: pikepdf.Pdf, output: IO[bytes]) -> None:
    """Write `pdf` so that the same pages always make the same bytes."""
    pdf.save(
        cast("BinaryIO", output),
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )


def _draft(part: WorkingPart, *, packet: Packet, sources: ExitStack) -> Draft:
    draft = Draft()
    wanted: list[tuple[int, list[int]]] = part.arguments["documents"]
    student_ids = [student_id for student_id, _ in wanted]
    stored = documents_of(packet, student_ids=student_ids)
    students = {student.student_id: student for student in packet.students.filter(student_id__in=student_ids)}
    for student_id, ids in wanted:
        part.check()
        by_id = {document.id: document for document in stored[student_id]}
        _add_student(draft, students[student_id], {pk: by_id.get(pk) for pk in ids}, sources=sources)
        part.report(done=draft.documents, failed=len(draft.left_out))
    return draft


def _add_student(
    draft: Draft, student: PacketStudent, documents: dict[int, Document | None], *, sources: ExitStack
) -> None:
    """Add what can be used of `documents`, by id; one that is gone is None."""
    included: list[tuple[str, int]] = []
    for document_id, document in documents.items():
        try:
            document_type, pages = _add_document(draft, document, sources=sources)
            included.append((document_type, pages))
            draft.pages[document_id] = pages
        except Unusable as unusable:
            left_out = LeftOut(
                school_id=student.school_id,
                packet_id=student.packet_id,
                student=student,
                document_id=document_id,
                file_name=document.file_name if document else "",
                reason=str(unusable),
            )
            draft.left_out.append(left_out)
    if included:
        draft.contents.append({"student": student.student_id, "documents": included})
        draft.documents += len(included)
        student.pages = sum(pages for _, pages in included)
        draft.students.append(student)


def _add_document(draft: Draft, document: Document | None, *, sources: ExitStack) -> tuple[str, int]:
    """Add all pages of the document to the draft, or none; return its type and how many pages it has."""
    if document is None:
        raise Unusable(GONE)
    source = open_document(document, sources=sources)
    before = len(draft.pdf.pages)
    try:
        draft.pdf.pages.extend(source.pages)
    except pikepdf.PikepdfError as error:
        del draft.pdf.pages[before:]
        raise Unusable(DAMAGED) from error
    return document.document_type, len(draft.pdf.pages) - before


def _keep(packet: Packet, *, place: dict[str, int], draft: Draft, output: IO[bytes]) -> Chunk:
    """Store the chunk and its notes, unless another worker did so first; return the one that counts."""
    chunk = Chunk(
        school_id=packet.school_id,
        packet=packet,
        **place,
        contents=draft.contents,
        documents=draft.documents,
        left_out=len(draft.left_out),
    )
    if draft.documents:
        chunk.file.save("", File(output), save=False)
    with transaction.atomic():
        now = Packet.objects.select_for_update().get(pk=packet.pk)
        kept = packet.chunks.filter(**place).first()
        if kept is None and not now.is_built and now.edition == chunk.edition:
            chunk.save()
            LeftOut.objects.bulk_create(draft.left_out)
            PacketStudent.objects.bulk_update(draft.students, ["pages"])
            return chunk
    log.info("chunk_made_twice", job=packet.job_id, packet=packet.pk, **place)
    if chunk.file:
        chunk.file.delete(save=False)
    return kept or chunk
