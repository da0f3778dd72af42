"""A program's request for a packet: students by the school's own numbers."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from jobs.arguments import Arguments
from jobs.asking import STORABLE, Asked, WrongArguments
from jobs.directory import Student, directory
from jobs.models import Job
from packets.layout import layout_of
from packets.models import TITLE_LENGTH, DocumentType
from packets.requesting import MOST_STUDENTS, PacketRequest, request_packet

MOST_NAMED = 5
"""Unknown numbers that an error names."""

Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_LENGTH), STORABLE
]
Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40), STORABLE]


class PacketArguments(Arguments):
    """Documents of these students in one PDF, in this order."""

    title: Annotated[Title, Field(description="Names the packet and its file.")]
    document_types: Annotated[
        list[Annotated[DocumentType, Field(strict=False)]],
        Field(min_length=1, description="The packet's own order holds: résumés first."),
    ]
    students: Annotated[
        list[Number],
        Field(min_length=1, max_length=MOST_STUDENTS, description="Student numbers; each counts once."),
    ]
    own_files: Annotated[
        bool, Field(description="Also each student's own PDF, named by their number, in ZIP archives.")
    ] = False
    order: Annotated[
        Literal["chosen", "name", "major", "year"],
        Field(description="Of the students; `chosen` is the order in which they are listed here."),
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
        WrongArguments: a number is not in the school's list.
        KeyTaken, CannotFollow: as `packets.requesting.request_packet`.
    """
    arguments: PacketArguments = asked.arguments
    request = PacketRequest(
        key=asked.key,
        title=arguments.title,
        document_types=[name for name in DocumentType.values if name in arguments.document_types],
        students=_students(arguments.students, school_id=asked.school.pk),
        has_own_files=arguments.own_files,
        layout=layout_of(
            order=arguments.order,
            is_book=not arguments.documents_only,
            is_linearised=arguments.linearised,
        ),
    )
    return request_packet(school=asked.school, by=asked.by, request=request, **asked.options)


def _students(numbers: list[str], *, school_id: int) -> list[Student]:
    wanted = list(dict.fromkeys(numbers))
    found = directory().students_by_number(school_id=school_id, numbers=wanted)
    if unknown := [number for number in wanted if number not in found]:
        named = ", ".join(unknown[:MOST_NAMED]) + (" and others" if len(unknown) > MOST_NAMED else "")
        sentence = f"Not in your school's list of students: {named}. Upload them first, or leave them out."
        raise WrongArguments({"arguments.students": sentence})
    return [found[number] for number in wanted]
