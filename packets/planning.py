"""Cutting a packet into parts, and noting which students have no document."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext_lazy, ngettext

from jobs.directory import Document, directory
from jobs.language import either
from jobs.retries import PermanentFailure
from jobs.sections import MEGABYTE
from jobs.verbs import PartPlan
from packets.capping import room_for
from packets.models import DocumentType, Packet, PacketStudent
from packets.releasing import Withheld, released, withheld_of

PART_DOCUMENTS, PART_BYTES = 25, 64 * MEGABYTE
"""The most in a part, about two seconds of work; only a student with more makes a larger part."""

NOTHING_RELEASED = gettext_lazy(
    "The students you chose have released none of these documents to employers, so there is nothing to put "
    "into the packet."
)


def plan_parts(packet: Packet) -> list[PartPlan]:
    """Return the parts of the packet, in its order, and note the missing documents; may run twice.

    Raises:
        PermanentFailure: no chosen student has a document of the wanted types.
    """
    students = list(packet.students.order_by("position"))
    ids = [student.student_id for student in students]
    found, withheld = documents_of(packet, student_ids=ids), withheld_of(packet, student_ids=ids)
    _note_absent(packet, students, found, withheld)
    chosen = [(pk, released(found[pk], withheld)) for pk in ids]
    if not any(documents for _, documents in chosen):
        is_withheld = any(student.withheld_types for student in students)
        raise PermanentFailure(NOTHING_RELEASED if is_withheld else _nothing_found(packet, len(students)))
    room = room_for([each for _, documents in chosen for each in documents], school=packet.school)
    fitting, rest = _parted(chosen, room.documents)
    plans = [_part_plan(packet, number, part) for number, part in enumerate(_cut(fitting))]
    return [*plans, _part_plan(packet, len(plans), rest, full=room.reason)] if rest else plans


def documents_of(packet: Packet, *, student_ids: Sequence[int]) -> dict[int, list[Document]]:
    """Return the students' documents of the packet's types, in its order, by student id."""
    documents: dict[int, list[Document]] = {student_id: [] for student_id in student_ids}
    found = directory().documents(
        school_id=packet.school_id, student_ids=student_ids, document_types=packet.document_types
    )
    for document in found:
        documents[document.student_id].append(document)
    return documents


Share = tuple[int, list[Document]]


def _parted(shares: Sequence[Share], count: int) -> tuple[list[Share], list[Share]]:
    """Return the first `count` documents, and the others."""
    fitting, rest = [], []
    for student_id, documents in shares:
        fitting.append((student_id, documents[:count]))
        rest.append((student_id, documents[count:]))
        count -= len(fitting[-1][1])
    return [share for share in fitting if share[1]], [share for share in rest if share[1]]


def _cut(shares: list[Share]) -> Iterator[list[Share]]:
    part: list[Share] = []
    count = size = 0
    for student_id, documents in shares:
        own = sum(document.size for document in documents)
        if part and (count + len(documents) > PART_DOCUMENTS or size + own > PART_BYTES):
            yield part
            part, count, size = [], 0, 0
        part.append((student_id, documents))
        count, size = count + len(documents), size + own
    if part:
        yield part


def _part_plan(packet: Packet, number: int, part: list[Share], **more: str) -> PartPlan:
    """Return the plan of a part; one that is told that the packet is `full` leaves all its documents out."""
    documents = [[student_id, [document.id for document in documents]] for student_id, documents in part]
    units = sum(len(ids) for _, ids in part)
    arguments = {"edition": packet.edition, "number": number, "documents": documents, **more}
    return PartPlan(units=units, arguments=arguments)


def _note_absent(
    packet: Packet, students: list[PacketStudent], found: dict[int, list[Document]], withheld: Withheld
) -> None:
    for student in students:
        types = {document.document_type for document in found[student.student_id]}
        student.missing_types = [name for name in packet.document_types if name not in types]
        student.withheld_types = [
            name for name in packet.document_types if name in types and (student.student_id, name) in withheld
        ]
    PacketStudent.objects.bulk_update(students, ["missing_types", "withheld_types"], batch_size=500)


def _nothing_found(packet: Packet, count: int) -> str:
    words = either([str(DocumentType(name).label).lower() for name in packet.document_types])
    return ngettext(
        "The student you chose has no {words} stored, so there is nothing to put into the packet.",
        "None of the {count} students you chose has a {words} stored, so there is nothing to put into the "
        "packet.",
        count,
    ).format(count=count, words=words)
