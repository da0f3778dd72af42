"""What the pages of packets read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs import language
from jobs.directory import Student, StudentFilter, directory
from jobs.models import Job, Person
from packets.expiring import is_there
from packets.layout import Layout
from packets.listing import students_listed
from packets.look_words import ORDERS, OUTPUTS
from packets.models import DocumentType, LeftOut, Packet, PacketStudent, PacketTemplate, PagePicture
from packets.requesting import MOST_STUDENTS


def packets_of(person: Person) -> QuerySet[Packet]:
    """Return the packets that the person may see, newest first, with what the list shows of each."""
    packets = Packet.objects.visible_to(person).select_related("school", "job", "result", "created_by")
    students = PacketStudent.objects.filter(packet=OuterRef("pk")).order_by().values("packet")
    return packets.annotate(students_count=Subquery(students.annotate(count=Count("pk")).values("count")))


def templates_of(school_id: int) -> QuerySet[PacketTemplate]:
    """Return the school's templates by name."""
    templates: QuerySet[PacketTemplate] = PacketTemplate.objects.filter(school=school_id)
    return templates.select_related("school", "logo", "changed_by").order_by(Lower("name"))


@dataclass(frozen=True, kw_only=True)
class ShownTemplate:
    """One row of the list of templates."""

    template: PacketTemplate
    documents: str
    """Their types in words."""
    words: str
    """What is around them."""


def shown_templates(school_id: int) -> list[ShownTemplate]:
    """Return the rows of the school's list of templates."""
    return [
        ShownTemplate(template=each, documents=labels(each.document_types), words=_words(each))
        for each in templates_of(school_id)
    ]


def _words(template: PacketTemplate) -> str:
    layout = Layout.read(template.layout)
    parts = {
        _("logo"): bool(template.logo_id) and layout.has_cover,
        _("cover"): layout.has_cover,
        _("notice"): bool(layout.notice),
        _("contents"): layout.has_contents,
        _("a page before each student"): layout.has_dividers,
        _("page numbers"): layout.has_numbers,
    }
    around = ", ".join(name for name, is_there in parts.items() if is_there) or _("documents alone")
    return f"{around.capitalize()} · {ORDERS[layout.order].lower()} · {OUTPUTS[layout.output]}"


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
    unknown: Sequence[str] = ()
    """What of a list means no student."""
    is_listed: bool = False
    """Whether a list was asked for, and not a filter."""

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
    return Matches(rows=_rows(students, ticked=ticked), count=len(students))


def listed(*, school_id: int, text: str, ticked: Collection[str] | None) -> Matches:
    """Return the school's students whom the list in `text` names, in its order."""
    found = students_listed(text, school_id=school_id)
    rows = _rows(found.students, ticked=ticked)
    return Matches(rows=rows, count=len(found.students), unknown=found.unknown, is_listed=True)


def _rows(students: Sequence[Student], *, ticked: Collection[str] | None) -> list[Match]:
    return [
        Match(student=student, is_ticked=ticked is None or str(student.id) in ticked)
        for student in students[:MOST_STUDENTS]
    ]


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A student some of whose documents are missing, not released, or were repaired."""

    name: str
    documents: str
    """Their types in words."""


def panel(packet: Packet) -> dict[str, Any]:
    """Return what the job page shows of the packet; lists, not queries."""
    students = list(packet.students.order_by("position"))
    return {
        "packet": packet,
        "pictures": _pictures_of(packet),
        "students": students,
        "included": [student for student in students if student.pages],
        "left_out": list(LeftOut.objects.filter(packet=packet).select_related("student")),
        "missing": [_missing(student) for student in students if student.missing_types],
        "withheld": [_withheld(student) for student in students if student.withheld_types],
        "withheld_count": sum(len(student.withheld_types) for student in students),
        "repaired": [_repaired(student) for student in students if student.repaired_types],
        "missing_count": sum(len(student.missing_types) for student in students),
        "document_types": labels(packet.document_types),
    }


def picture_of(packet: Packet, *, number: int) -> QuerySet[PagePicture]:
    """Return the picture of this page of the packet's result, if there is one."""
    return _shown(packet).filter(number=number).select_related("picture")


def _pictures_of(packet: Packet) -> list[int]:
    """Return the numbers of the pages that there are pictures of."""
    return list(_shown(packet).values_list("number", flat=True)) if packet.is_built else []


def _shown(packet: Packet) -> QuerySet[PagePicture]:
    pictures: QuerySet[PagePicture] = PagePicture.objects.filter(school=packet.school_id)
    result = packet.result if is_there(packet, now=timezone.now()) else None
    return pictures.filter(sha256=result.sha256) if result else pictures.none()


def first_reasons(jobs: Sequence[Job]) -> dict[int, str]:
    """Return by job id why its packet's first document was left out."""
    left_out = LeftOut.objects.filter(packet__job__in=jobs).order_by("packet__job_id", "pk")
    return dict(left_out.distinct("packet__job_id").values_list("packet__job_id", "reason"))


def labels(document_types: list[str]) -> str:
    """Return the types in words: `Résumé and transcript`."""
    return language.listed([str(DocumentType(name).label).lower() for name in document_types]).capitalize()


def _repaired(student: PacketStudent) -> Missing:
    return Missing(name=student.name, documents=labels(student.repaired_types))


def _withheld(student: PacketStudent) -> Missing:
    return Missing(name=student.name, documents=labels(student.withheld_types))


def _missing(student: PacketStudent) -> Missing:
    return Missing(name=student.name, documents=labels(student.missing_types))
