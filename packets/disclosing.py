"""Who got documents of one student, as 34 CFR 99.32 wants it: the record of the packets that held them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from jobs.models import School
from packets.models import Disclosure, Packet, PacketStudent

ROWS_SHOWN = 50


def held_by(packet: Packet) -> list[int]:
    """Return the students whose documents the packet's file has, by id.

    Of one that was built before this was noted its students tell it; while it is built again, all of them.
    """
    if packet.held is not None:
        return list(packet.held)
    students = packet.students.filter(pages__gte=1) if packet.is_built else packet.students.all()
    return sorted(students.values_list("student_id", flat=True))


def disclosed(school: School, student_id: int) -> QuerySet[Disclosure]:
    """Return who got packets of the school with documents of the student, newest first.

    Entries of before students were noted count by their packet, while it is kept.
    """
    packets = PacketStudent.objects.filter(school=school, student_id=student_id, pages__gte=1)
    is_old = Q(students=None, packet_number__in=packets.values("packet_id"))
    found: QuerySet[Disclosure] = Disclosure.objects.filter(school=school)
    return found.filter(Q(students__contains=[student_id]) | is_old)


def shown(school: School, student_id: int) -> Mapping[str, Any]:
    """Return what the student's page shows; lists, not queries."""
    rows = disclosed(school, student_id)
    return {"rows": list(rows[:ROWS_SHOWN]), "count": rows.count()}
