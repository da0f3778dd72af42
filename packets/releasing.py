"""Releasing: which documents students let employers have, held against what their school decided."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from jobs.directory import Document, directory
from packets.models import Packet, PacketStudent
from packets.policies import Policy, policy_of

Withheld = Collection[tuple[int, str]]
"""Students' ids and document types."""
SENTENCE = _("These students have not released these documents to employers.")


def withheld_of(packet: Packet, *, student_ids: Sequence[int], policy: Policy | None = None) -> Withheld:
    """Return which documents of the students stay out of the packet, as things stand at this moment.

    Who knows the `policy` of its school already gives it.
    """
    needs_consent = (policy or policy_of(packet.school)).needs_consent
    said = directory().releases(school_id=packet.school_id, student_ids=student_ids)
    asked = ((pk, name) for pk in student_ids for name in packet.document_types)
    return {key for key in asked if not said.get(key, not needs_consent)}


def released(documents: Iterable[Document], withheld: Withheld) -> list[Document]:
    """Return those of the documents that may be in a packet."""
    return [each for each in documents if (each.student_id, each.document_type) not in withheld]


def note_withheld(student: PacketStudent, document_type: str) -> None:
    """Note, without writing it yet, that a document of the student stays out."""
    if document_type not in student.withheld_types:
        student.withheld_types = [*student.withheld_types, document_type]


def take_back(
    packet: Packet, entries: Sequence[Mapping[str, Any]], by_id: Mapping[int, PacketStudent]
) -> list[Mapping[str, Any]]:
    """Return the `entries` of chunks without what was released when it was read and no longer is; note it.

    May run twice: what is released again is noted as withheld no more.
    """
    withheld = withheld_of(packet, student_ids=[entry["student"] for entry in entries])
    kept: list[Mapping[str, Any]] = []
    changed = []
    for entry in entries:
        student = by_id[entry["student"]]
        documents = [each for each in entry["documents"] if (student.student_id, each[0]) not in withheld]
        before, read = student.withheld_types, {name for name, *_rest in entry["documents"]}
        student.withheld_types = [name for name in before if name not in read]
        for name, *_rest in entry["documents"]:
            if (student.student_id, name) in withheld:
                note_withheld(student, name)
        if student.withheld_types != before:
            changed.append(student)
        if documents:
            kept.append({**entry, "documents": documents})
    PacketStudent.objects.bulk_update(changed, ["withheld_types"])
    return kept


def taken_back(packet: Packet, *, policy: Policy | None = None) -> int:
    """Return of how many students the packet's file has something that they do not release any more."""
    students = list(packet.students.filter(pages__gte=1))
    withheld = withheld_of(packet, student_ids=[each.student_id for each in students], policy=policy)
    return sum(any((each.student_id, name) in withheld for name in _held(packet, each)) for each in students)


def rests(packet: Packet, *, policy: Policy | None = None) -> bool:
    """Say whether the packet's file is handed to nobody until it is built again.

    Once that begins, what is noted of its students is of the file to come: of the one before nobody can tell
    any more whether all of it may be handed out.
    """
    return not packet.is_built or taken_back(packet, policy=policy) > 0


def _held(packet: Packet, student: PacketStudent) -> Sequence[str]:
    absent = (*student.missing_types, *student.withheld_types)
    return [name for name in packet.document_types if name not in absent]
