"""A program's request for a packet: students by the school's own numbers, or by what they applied to."""

from typing import Annotated, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BeforeValidator, Field, StringConstraints

from jobs.arguments import Arguments
from jobs.asking import STORABLE, Asked, WrongArguments
from jobs.directory import ApplicationStatus, Student, StudentFilter, directory
from jobs.models import Job
from packets.by_template import look_of, name_or_id
from packets.models import TITLE_LENGTH, DocumentType, Packet
from packets.requesting import MOST_STUDENTS, PacketRequest, request_packet

MOST_NAMED = 5
"""Unknown numbers that an error names."""
ONE_OF_TWO = gettext_lazy(
    "Name the students, or in `applied_to` the vacancy that they applied to: one of the two."
)
NOBODY = gettext_lazy(
    "No student of your school applied to the vacancy “{vacancy}”, or none with one of these statuses. "
    "Upload the applications first, or name another vacancy."
)

Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_LENGTH), STORABLE
]
Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), STORABLE]


class AppliedTo(Arguments):
    """Those who applied to a vacancy."""

    vacancy: Annotated[Number, Field(description="The school's own number of the vacancy.")]
    statuses: Annotated[
        list[Annotated[ApplicationStatus, Field(strict=False)]] | None,
        Field(description="Only applications with one of these; without them, all."),
    ] = None


class PacketArguments(Arguments):
    """Documents of these students in one PDF, in this order."""

    template: Annotated[
        Annotated[str | int, BeforeValidator(name_or_id)] | None,
        Field(
            description="A packet template of the school, by its name or id: what else is given counts more."
        ),
    ] = None
    title: Annotated[
        Title | None, Field(description="Names the packet and its file; without it, as the template says.")
    ] = None
    document_types: Annotated[
        Annotated[list[Annotated[DocumentType, Field(strict=False)]], Field(min_length=1)] | None,
        Field(description="The packet's own order holds: résumés first. Without them, as the template says."),
    ] = None
    students: Annotated[
        Annotated[list[Number], Field(min_length=1, max_length=MOST_STUDENTS)] | None,
        Field(description="Student numbers; each counts once."),
    ] = None
    applied_to: Annotated[
        AppliedTo | None, Field(description="In place of `students`: those who applied to a vacancy.")
    ] = None
    own_files: Annotated[
        bool, Field(description="Also each student's own PDF, named by their number, in ZIP archives.")
    ] = False
    order: Annotated[
        Literal["chosen", "name", "major", "year"],
        Field(description="Of the students; `chosen` is the order of this list; applicants are by name."),
    ] = "chosen"
    documents_only: Annotated[
        bool, Field(description="No cover, contents, pages before students and page numbers.")
    ] = False
    linearised: Annotated[
        bool, Field(description="Whether browsers can show the first page while the rest is loading.")
    ] = False


def request_packet_of_numbers(asked: Asked) -> Job:
    """Build the packet that the program described.

    Raises:
        WrongArguments: a number is not in the school's list, nobody applied, or there is no such template.
        KeyTaken, CannotFollow: as `packets.requesting.request_packet`.
    """
    arguments: PacketArguments = asked.arguments
    before = Packet.objects.filter(school=asked.school, key=asked.key).first()
    request = PacketRequest(
        key=asked.key,
        students=_students(arguments, school_id=asked.school.pk, before=before),
        **look_of(arguments, school=asked.school, before=before),
    )
    return request_packet(school=asked.school, by=asked.by, request=request, **asked.options)


def _students(arguments: PacketArguments, *, school_id: int, before: Packet | None) -> list[Student]:
    if bool(arguments.students) == bool(arguments.applied_to):
        raise WrongArguments({"arguments.students": str(ONE_OF_TWO)})
    if arguments.applied_to and before:
        return _applicants_before(before, arguments.applied_to)
    if arguments.applied_to:
        return _applicants(arguments.applied_to, school_id=school_id)
    return _numbered(arguments.students or [], school_id=school_id)


def _applicants_before(packet: Packet, applied_to: AppliedTo) -> list[Student]:
    """Return those of the packet's students who applied to the vacancy, in its order.

    Who asks again with the same key means the same packet, also if others have applied meanwhile, or have
    come further. Honest limit: another vacancy to which all of them applied too is taken for the same.
    """
    chosen = StudentFilter(vacancy=applied_to.vacancy)
    found = {each.id: each for each in directory().students(school_id=packet.school_id, chosen=chosen)}
    ids = packet.students.order_by("position").values_list("student_id", flat=True)
    return [found[pk] for pk in ids if pk in found]


def _applicants(applied_to: AppliedTo, *, school_id: int) -> list[Student]:
    statuses = [each.value for each in applied_to.statuses or ()]
    chosen = StudentFilter(vacancy=applied_to.vacancy, statuses=statuses)
    found = directory().students(school_id=school_id, chosen=chosen)
    if not found:
        raise WrongArguments({"arguments.applied_to": NOBODY.format(vacancy=applied_to.vacancy)})
    if len(found) > MOST_STUDENTS:
        sentence = _(
            "{number:,} students applied; a packet holds up to {most_students:,}. Name statuses."
        ).format(number=len(found), most_students=MOST_STUDENTS)
        raise WrongArguments({"arguments.applied_to": sentence})
    return found


def _numbered(numbers: list[str], *, school_id: int) -> list[Student]:
    wanted = list(dict.fromkeys(numbers))
    found = directory().students_by_number(school_id=school_id, numbers=wanted)
    if unknown := [number for number in wanted if number not in found]:
        named = ", ".join(unknown[:MOST_NAMED])
        if len(unknown) > MOST_NAMED:
            named = _("{names} and others").format(names=named)
        sentence = _(
            "Not in your school's list of students: {named}. Upload them first, or leave them out."
        ).format(named=named)
        raise WrongArguments({"arguments.students": sentence})
    return [found[number] for number in wanted]
