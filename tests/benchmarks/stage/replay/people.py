"""The schools of a replay: their staff, students, documents and attachments."""

import os
from dataclasses import dataclass

from django.core.files.base import ContentFile
from switchyard.demo.documents import set_documents
from switchyard.demo.records import record_of
from switchyard.demo.students import content, make_students

from jobs import files
from jobs.models import Person, School, StoredFile
from uploads.models import DocumentType, Student, StudentDocument

DESK_PEOPLE = 2000


@dataclass(frozen=True, kw_only=True)
class Office:
    """A school and the person who works for it."""

    school: School
    person: Person


def make_office(name: str, *, students: int, weight: float = 1) -> Office:
    """Make a school with staff and students."""
    school = School.objects.create(name=name.title(), slug=name, weight=weight)
    person = Person.objects.create(email=f"staff@{name}.example", name="Staff", school=school)
    Student.objects.bulk_create(
        [
            Student(
                school=school,
                number=f"{place:06}",
                first_name=f"First{place}",
                last_name=f"Last{place}",
                email=f"student{place}@{name}.example",
            )
            for place in range(students)
        ],
        batch_size=5000,
    )
    return Office(school=school, person=person)


def make_desk() -> None:
    """Make the people who ask for codes, of a school of their own."""
    school = School.objects.create(name="Desk", slug="desk")
    Person.objects.bulk_create(
        Person(email=f"person{number}@desk.example", name="Person", school=school)
        for number in range(DESK_PEOPLE)
    )


def make_documents(office: Office, *, students: int) -> None:
    """Give the first `students` of the school a résumé and a transcript each, set as the demo's are."""
    made = {**content()["schools"][0], "students": students}
    records = [record_of(student, school=made) for student in make_students(school=made)]
    rows = list(Student.objects.filter(school=office.school).order_by("id")[:students])
    for document_type in DocumentType:
        documents = set_documents(document_type=document_type, records=records)
        for row, document in zip(rows, documents, strict=True):
            stored = files.store(
                school=office.school,
                name=f"{row.number}-{document_type}.pdf",
                media_type="application/pdf",
                content=ContentFile(document),
            )
            StudentDocument.objects.create(
                school=office.school, student=row, document_type=document_type, file=stored
            )


def make_attachment(office: Office, *, megabytes: float) -> StoredFile:
    """Store a file of random bytes: nothing on the way can make it smaller."""
    return files.store(
        school=office.school,
        name="fair.bin",
        media_type="application/octet-stream",
        content=ContentFile(os.urandom(int(megabytes * (1 << 20)))),
        by=office.person,
    )
