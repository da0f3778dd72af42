"""Doing one part of a packet: its students' documents made ready, and what was left out noted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import transaction

from jobs.directory import Document
from jobs.verbs import WorkingPart
from packets.models import Chunk, LeftOut, Packet, PacketStudent
from packets.opening import Unusable
from packets.page_counts import note_pages
from packets.planning import documents_of
from packets.readying import ready
from packets.releasing import Withheld, note_withheld, withheld_of

log = structlog.get_logger()

FIELDS = ("pages", "repaired_types", "withheld_types")
"""What a part notes of students."""


@dataclass(kw_only=True)
class Draft:
    """A chunk in the making."""

    contents: list[dict[str, Any]] = field(default_factory=list)
    documents: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    """Not in the database yet."""
    withheld: int = 0
    """Documents that their students took back since the plan: they are not opened."""
    students: list[PacketStudent] = field(default_factory=list)
    """Those with pages or something withheld, which is not in the database yet."""
    pages: dict[int, int] = field(default_factory=dict)
    """Pages by document."""


def assemble(part: WorkingPart, *, packet: Packet) -> None:
    """Make the chunk of `part` and note what was left out; a chunk that is there already stays as it is."""
    place = {"edition": part.arguments.get("edition", 1), "number": part.arguments["number"]}
    chunk = packet.chunks.filter(**place).first()
    if chunk is None:
        draft = draft_of(part.arguments, packet=packet, part=part)
        part.check()
        chunk = _keep(packet, place=place, draft=draft)
        note_pages(packet.school_id, draft.pages)
    # What a student took back since the plan is done with too.
    part.report(done=part.units - chunk.left_out, failed=chunk.left_out)


def draft_of(arguments: Mapping[str, Any], *, packet: Packet, part: WorkingPart | None = None) -> Draft:
    """Make ready the documents that the `arguments` of a part name; `part`, where there is one, is told."""
    draft = Draft()
    wanted: list[tuple[int, list[int]]] = arguments["documents"]
    student_ids = [student_id for student_id, _ in wanted]
    stored, withheld = (
        documents_of(packet, student_ids=student_ids),
        withheld_of(packet, student_ids=student_ids),
    )
    students = {student.student_id: student for student in packet.students.filter(student_id__in=student_ids)}
    for student_id, ids in wanted:
        by_id = {document.id: document for document in stored[student_id]}
        documents = {pk: by_id.get(pk) for pk in ids}
        if reason := arguments.get("full"):
            draft.left_out += _all_left_out(students[student_id], documents, reason=reason)
            continue
        documents = _without_withheld(draft, students[student_id], documents, withheld)
        _add_student(draft, students[student_id], documents, packet=packet, part=part)
    return draft


def _add_student(
    draft: Draft,
    student: PacketStudent,
    documents: dict[int, Document | None],
    *,
    packet: Packet,
    part: WorkingPart | None,
) -> None:
    """Add what can be used of `documents`, by id; one that is gone is None."""
    included: list[tuple[str, int, str, int]] = []
    student.pages, student.repaired_types = 0, []
    for document_id, document in documents.items():
        try:
            kind, pages, digest = _add_document(student, document, packet=packet)
            included.append((kind, pages, digest, document_id))
            draft.pages[document_id] = pages
        except Unusable as unusable:
            draft.left_out.append(_left_out(student, document_id, document, reason=str(unusable)))
        if part is not None:
            part.report(done=draft.documents + draft.withheld + len(included), failed=len(draft.left_out))
            part.check()
    if included:
        draft.contents.append({"student": student.student_id, "documents": included})
        draft.documents += len(included)
    if included or student.withheld_types:
        draft.students.append(student)


def _without_withheld(
    draft: Draft, student: PacketStudent, documents: dict[int, Document | None], withheld: Withheld
) -> dict[int, Document | None]:
    kept: dict[int, Document | None] = {}
    for pk, document in documents.items():
        if document and (student.student_id, document.document_type) in withheld:
            note_withheld(student, document.document_type)
            draft.withheld += 1
        else:
            kept[pk] = document
    return kept


def _add_document(
    student: PacketStudent, document: Document | None, *, packet: Packet
) -> tuple[str, int, str]:
    """Make the document ready, and return its type, its pages and the digest by which it is found again."""
    found = ready(document, school=packet.school)
    kind = document.document_type if document else ""
    student.pages += found.pages
    if found.is_repaired:
        student.repaired_types.append(kind)
    return kind, found.pages, found.sha256


def _all_left_out(
    student: PacketStudent, documents: Mapping[int, Document | None], *, reason: str
) -> list[LeftOut]:
    return [_left_out(student, own, document, reason=reason) for own, document in documents.items()]


def _left_out(student: PacketStudent, document_id: int, document: Document | None, *, reason: str) -> LeftOut:
    return LeftOut(
        school_id=student.school_id,
        packet_id=student.packet_id,
        student=student,
        document_id=document_id,
        file_name=document.file_name if document else "",
        reason=reason,
    )


def _keep(packet: Packet, *, place: dict[str, int], draft: Draft) -> Chunk:
    """Store the chunk and its notes, unless another worker did so first; return the one that counts."""
    chunk = Chunk(
        school_id=packet.school_id,
        packet=packet,
        **place,
        contents=draft.contents,
        documents=draft.documents,
        left_out=len(draft.left_out),
    )
    with transaction.atomic():
        now = Packet.objects.select_for_update().get(pk=packet.pk)
        kept = packet.chunks.filter(**place).first()
        if kept is None and not now.is_built and now.edition == chunk.edition:
            chunk.save()
            LeftOut.objects.bulk_create(draft.left_out)
            PacketStudent.objects.bulk_update(draft.students, FIELDS)
            return chunk
    log.info("chunk_made_twice", job=packet.job_id, packet=packet.pk, **place)
    return kept or chunk
