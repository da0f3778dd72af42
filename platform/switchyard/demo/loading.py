"""Loading the demo into the database: all of it in one transaction, or nothing when it is there."""

from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from jobs import files
from jobs.models import Person, School
from switchyard.demo.documents import break_off, lock, set_documents
from switchyard.demo.logins import LOGINS, PASSWORD, Login
from switchyard.demo.records import record_of
from switchyard.demo.students import DemoStudent, content, make_students
from switchyard.demo.vacancies import make_vacancies
from uploads.models import Application, DocumentType, Employer, Student, StudentDocument, Vacancy

# A handful of documents is missing or damaged, so that a packet shows what it leaves out and why.
MISSING = {(6, DocumentType.RESUME), (18, DocumentType.TRANSCRIPT), (53, DocumentType.RESUME)}
DAMAGED: dict[tuple[int, str], Callable[[bytes], bytes]] = {
    (30, DocumentType.RESUME): break_off,
    (42, DocumentType.TRANSCRIPT): lock,
    (71, DocumentType.TRANSCRIPT): break_off,
}


def is_loaded() -> bool:
    """Say whether the demo's schools are there."""
    slugs = [school["slug"] for school in content()["schools"]]
    return School.objects.filter(slug__in=slugs).count() == len(slugs)


@transaction.atomic
def load() -> bool:
    """Load schools, people and all that is made up of them; return whether they were missing."""
    if is_loaded():
        return False
    for made in content()["schools"]:
        school, _ = School.objects.get_or_create(slug=made["slug"], defaults={"name": made["name"]})
        _add_employers(school, made["employers"])
        _add_students(school, made)
    for login in LOGINS:
        _add_person(login)
    return True


def _add_person(login: Login) -> None:
    school = School.objects.get(slug=login.school) if login.school else None
    is_admin = login.role == "admin"
    make = Person.objects.create_superuser if is_admin else Person.objects.create_user
    fields: dict[str, Any] = {} if is_admin else {"role": login.role, "school": school}
    if not Person.objects.filter(email=login.email).exists():
        make(email=login.email, password=PASSWORD, name=login.name, **fields)


def _add_employers(school: School, employers: list[list[str]]) -> None:
    Employer.objects.bulk_create(
        [
            Employer(school=school, name=name, industry=industry, website=f"https://{_host(name)}.example/")
            for name, industry in employers
        ],
        ignore_conflicts=True,
    )


def _host(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _add_students(school: School, made: dict[str, Any]) -> None:
    students = make_students(school=made)
    rows = Student.objects.bulk_create(
        [
            Student(
                school=school,
                number=student.number,
                first_name=student.first_name,
                last_name=student.last_name,
                email=student.email,
                major=student.major,
                graduation_year=student.graduation_year,
            )
            for student in students
        ]
    )
    records = [record_of(student, school=made) for student in students]
    for document_type in DocumentType:
        documents = set_documents(document_type=document_type, records=records)
        _add_documents(rows, _named(students, documents, document_type), document_type)
    _add_vacancies(school, students, made)


def _add_vacancies(school: School, students: list[DemoStudent], made: dict[str, Any]) -> None:
    vacancies = make_vacancies(students, school=made)
    employers = {employer.name: employer for employer in Employer.objects.filter(school=school)}
    by_number = {student.number: student for student in Student.objects.filter(school=school)}
    rows = Vacancy.objects.bulk_create(
        Vacancy(
            school=school,
            number=each.number,
            employer=employers[each.employer],
            title=each.title,
            location=made["town"],
            closes_on=each.closes_on,
        )
        for each in vacancies
    )
    Application.objects.bulk_create(
        Application(
            school=school,
            student=by_number[student.number],
            vacancy=row,
            status=status,
            applied_on=applied_on,
        )
        for row, each in zip(rows, vacancies, strict=True)
        for student, status, applied_on in each.applications
    )


def _named(
    students: list[DemoStudent], documents: Iterator[bytes], document_type: str
) -> Iterator[tuple[str, bytes]]:
    for student, document in zip(students, documents, strict=True):
        yield f"{student.slug}-{document_type}.pdf", document


def _add_documents(rows: list[Student], named: Iterator[tuple[str, bytes]], document_type: str) -> None:
    kept = []
    for place, (student, (name, document)) in enumerate(zip(rows, named, strict=True)):
        if (place, document_type) in MISSING:
            continue
        damage = DAMAGED.get((place, document_type))
        content_file = ContentFile(damage(document) if damage else document)
        stored = files.store(
            school=student.school, name=name, media_type="application/pdf", content=content_file
        )
        kept.append(
            StudentDocument(school=student.school, student=student, document_type=document_type, file=stored)
        )
    StudentDocument.objects.bulk_create(kept)
