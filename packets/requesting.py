"""Asking for a packet: the packet, its students and the job, in one transaction."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.directory import Student
from jobs.keys import KEY_MARK, KeyTaken
from jobs.language import listed
from jobs.models import Job, Person, School, StoredFile
from jobs.submission import submit
from packets.capping import room_for
from packets.layout import Layout
from packets.models import Packet, PacketStudent
from packets.page_counts import expected_pages
from packets.planning import documents_of
from packets.releasing import released, withheld_of

MOST_STUDENTS = 2000
"""Students in one packet: their ticks fit into one form, and their pages into a PDF that opens well."""
OTHER_CHOICE = gettext_lazy("The first request with this key had another choice.")
CHOICES = {
    "title": gettext_lazy("title"),
    "document_types": gettext_lazy("document types"),
    "students": gettext_lazy("students"),
    "own_files": gettext_lazy("own files"),
    "layout": gettext_lazy("layout"),
    "logo": gettext_lazy("logo"),
}
"""What is chosen of a packet, in words."""


@dataclass(frozen=True, kw_only=True)
class PacketRequest:
    """What a person chose."""

    key: str
    """Makes the request idempotent within the school; up to 100 characters."""
    title: str
    document_types: Sequence[str]
    """In the packet's order."""
    students: Sequence[Student]
    """In the packet's order; the caller has looked them up in the school's own directory."""
    has_own_files: bool = False
    """Whether each student's own PDF is wanted too."""
    layout: Layout = field(default_factory=Layout)
    logo: StoredFile | None = None
    """On the cover; one of the school's own, from `packets.logos`."""

    @classmethod
    def of_form(cls, *, form_key: UUID, **chosen: Any) -> Self:
        """Return the request of a form whose key was made with it, and sent back with it.

        Its own key has a digest of the choices: a form sent again after a change is a new request.
        """
        ids = [student.id for student in chosen["students"]]
        layout, logo = chosen.get("layout", Layout()).as_json(), chosen.get("logo")
        text = json.dumps(
            [
                *(chosen["title"], list(chosen["document_types"]), ids, chosen.get("has_own_files", False)),
                *([layout] if layout or logo else []),
                *([logo.pk] if logo else []),
            ]
        )
        return cls(key=f"{form_key.hex}-{hashlib.sha256(text.encode()).hexdigest()[:32]}", **chosen)


@transaction.atomic
def request_packet(*, school: School, by: Person | None, request: PacketRequest, **options: Any) -> Job:
    """Write the packet, submit its job and return it; the same request again returns the same job.

    `options` are those of `jobs.drafting.Request`.

    Raises:
        KeyTaken: the key belongs to a packet of other students, documents or title.
        CannotFollow: as `jobs.submission.submit_many`.
    """
    packet, is_new = Packet.objects.get_or_create(
        school=school,
        key=request.key,
        defaults={
            "title": request.title,
            "document_types": list(request.document_types),
            "has_own_files": request.has_own_files,
            "layout": request.layout.as_json(),
            "logo": request.logo,
            "created_by": by,
            "created_at": timezone.now(),
        },
    )
    if is_new:
        _write_students(packet, in_order(request.students, layout=request.layout))
    else:
        _require_same(packet, request)
    sizes = _sizes(packet) if is_new else {}
    job = submit(
        kind="packets.build",
        school=school,
        by=by,
        arguments={"packet": packet.pk},
        key=packet.key,
        units=sizes.get("documents", 0),
        sizes=sizes,
        **{"title": packet.title, **options},
    )
    Packet.objects.filter(pk=packet.pk, job=None).update(job=job)
    return job


def in_order(students: Sequence[Student], *, layout: Layout) -> list[Student]:
    """Return the students in the layout's order; those without a major or year come last."""
    by_name = sorted(
        students, key=lambda each: (each.last_name.casefold(), each.first_name.casefold(), each.id)
    )
    if layout.order == "name":
        return by_name
    if layout.order == "major":
        return sorted(by_name, key=lambda each: (not each.major, each.major.casefold()))
    if layout.order == "year":
        return sorted(by_name, key=lambda each: (each.graduation_year is None, each.graduation_year or 0))
    return list(students)


def _sizes(packet: Packet) -> dict[str, int]:
    ids = list(packet.students.order_by("position").values_list("student_id", flat=True))
    found, withheld = documents_of(packet, student_ids=ids), withheld_of(packet, student_ids=ids)
    all_documents = [document for of_one in found.values() for document in released(of_one, withheld)]
    documents = all_documents[: room_for(all_documents, school=packet.school).documents]
    sizes = {"documents": len(documents), "bytes": sum(document.size for document in documents)}
    pages = expected_pages(packet.school_id, [document.id for document in documents])
    return sizes if pages is None else {**sizes, "pages": pages}


def _write_students(packet: Packet, students: Sequence[Student]) -> None:
    PacketStudent.objects.bulk_create(
        PacketStudent(
            school_id=packet.school_id,
            packet=packet,
            student_id=student.id,
            position=position,
            name=student.name,
            major=student.major,
            graduation_year=student.graduation_year,
        )
        for position, student in enumerate(students)
    )


def _require_same(packet: Packet, request: PacketRequest) -> None:
    chosen = packet.students.order_by("position").values_list("student_id", flat=True)
    same = {
        "title": packet.title == request.title,
        "document_types": packet.document_types == list(request.document_types),
        "students": list(chosen) == [each.id for each in in_order(request.students, layout=request.layout)],
        "own_files": packet.has_own_files == request.has_own_files,
        "layout": packet.layout == request.layout.as_json(),
        "logo": packet.logo_id == (request.logo and request.logo.pk),
    }
    if differing := [name for name, is_same in same.items() if not is_same]:
        words = listed([str(CHOICES[name]) for name in differing])
        key = packet.key.removeprefix(KEY_MARK)
        message = _(
            "The key {key!r} belongs to another packet, “{packet}”, with another choice of {words}; "
            "choose another key."
        ).format(key=key, packet=packet, words=words)
        raise KeyTaken(message, differing={f"arguments.{name}": str(OTHER_CHOICE) for name in differing})
