"""What the pages of packets read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from jobs.directory import Student, StudentFilter, directory
from jobs.models import Job, Person
from packets.models import DocumentType, LeftOut, Packet, PacketStudent
from packets.requesting import MOST_STUDENTS


def packets_of(person: Person) -> QuerySet[Packet]:
    """Return the packets that the person may see, newest first, with what the list shows of each."""
    packets = Packet.objects.visible_to(person).select_related("school", "job", "result", "created_by")
    students = PacketStudent.objects.filter(packet=OuterRef("pk")).order_by().values("packet")
    return packets.annotate(students_count=Subquery(students.annotate(count=Count("pk")).values("count")))


@dataclass(frozen=True, kw_only=True)
class Match:
    """One row of the list to choose from."""

    student: Student
    is_ticked: bool


@dataclass(frozen=True, kw_only=True)
class Matches:
    """The students that a filter found, cut to what fits into one packet."""

    rows: list[Match]
    count: int
    """How many there are before the cut."""

    @property
    def ticked_count(self) -> int:
        """How many of the rows are ticked."""
        return sum(row.is_ticked for row in self.rows)

    @property
    def is_cut(self) -> bool:
        """Whether some do not fit."""
        return self.count > len(self.rows)


def matches(*, school_id: int, chosen: StudentFilter, ticked: Collection[str] | None) -> Matches:
    """Return the school's students that `chosen` means, by name; all are ticked when `ticked` is None."""
    students = directory().students(school_id=school_id, chosen=chosen)
    rows = [
        Match(student=student, is_ticked=ticked is None or str(student.id) in ticked)
        for student in students[:MOST_STUDENTS]
    ]
    return Matches(rows=rows, count=len(students))


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A student some of whose documents are missing, or were repaired."""

    name: str
    documents: str
    """Their types in words."""


def panel(packet: Packet) -> dict[str, Any]:
    """Return what the job page shows of the packet; lists, not queries."""
    students = list(packet.students.order_by("position"))
    return {
        "packet": packet,
        "students": students,
        "included": [student for student in students if student.pages],
        "left_out": list(LeftOut.objects.filter(packet=packet).select_related("student")),
        "missing": [_missing(student) for student in students if student.missing_types],
        "repaired": [_repaired(student) for student in students if student.repaired_types],
        "missing_count": sum(len(student.missing_types) for student in students),
        "document_types": labels(packet.document_types),
    }


def first_reasons(jobs: Sequence[Job]) -> dict[int, str]:
    """Return by job id why its packet's first document was left out."""
    left_out = LeftOut.objects.filter(packet__job__in=jobs).order_by("packet__job_id", "pk")
    return dict(left_out.distinct("packet__job_id").values_list("packet__job_id", "reason"))


def labels(document_types: list[str]) -> str:
    """Return the types in words: `Résumé and transcript`."""
    return " and ".join(DocumentType(name).label.lower() for name in document_types).capitalize()


def _repaired(student: PacketStudent) -> Missing:
    return Missing(name=student.name, documents=labels(student.repaired_types))


def _missing(student: PacketStudent) -> Missing:
    return Missing(name=student.name, documents=labels(student.missing_types))
