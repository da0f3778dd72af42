"""Asking for a packet: the packet, its students and the job, in one transaction."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from jobs.directory import Student
from jobs.models import Job, Person, School
from jobs.submission import submit
from packets.models import Packet, PacketStudent

MOST_STUDENTS = 500
"""Students in one packet: their ticks fit into one form, and their pages into a PDF that opens well."""


@dataclass(frozen=True, kw_only=True)
class PacketRequest:
    """What a person chose."""

    form_key: UUID
    """Made with the form, and sent back with it."""
    title: str
    document_types: Sequence[str]
    """In the packet's order."""
    students: Sequence[Student]
    """In the packet's order; the caller has looked them up in the school's own directory."""

    @property
    def key(self) -> str:
        """The form's key and a digest of the choices: a form sent again after a change is a new request."""
        ids = [student.id for student in self.students]
        chosen = json.dumps([self.title, list(self.document_types), ids])
        return f"{self.form_key.hex}-{hashlib.sha256(chosen.encode()).hexdigest()[:32]}"


@transaction.atomic
def request_packet(*, school: School, by: Person, request: PacketRequest) -> Job:
    """Write the packet, submit its job and return it; the same request again returns the same job."""
    packet, is_new = Packet.objects.get_or_create(
        school=school,
        key=request.key,
        defaults={
            "title": request.title,
            "document_types": list(request.document_types),
            "created_by": by,
            "created_at": timezone.now(),
        },
    )
    if is_new:
        _write_students(packet, request.students)
    job = submit(
        kind="packets.build",
        school=school,
        by=by,
        arguments={"packet": packet.pk},
        key=packet.key,
        title=packet.title,
    )
    Packet.objects.filter(pk=packet.pk, job=None).update(job=job)
    return job


def _write_students(packet: Packet, students: Sequence[Student]) -> None:
    PacketStudent.objects.bulk_create(
        PacketStudent(
            school_id=packet.school_id,
            packet=packet,
            student_id=student.id,
            position=position,
            name=student.name,
        )
        for position, student in enumerate(students)
    )
