"""A small directory of students with real PDFs, for the packets app's tests."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any
from unicodedata import normalize
from uuid import uuid4

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from jobs import directory, leases
from jobs.confinement import Limits
from jobs.directory import Document, Student, StudentFilter, Vacancy
from jobs.models import Job, Person, School, StoredFile
from jobs.testing import make_person, make_school, run_parts
from packets import confined, keeping, pictures, previewing
from packets.keeping import Choices
from packets.layout import PLAIN, Layout
from packets.logos import drawn
from packets.models import DocumentType, Packet, PacketTemplate
from packets.requesting import PacketRequest, request_packet
from tests.packets.filling import file

PATIENT = Limits(megabytes=500, cpu_seconds=300, seconds=300)


def pdf_bytes(*texts: str, **options: Any) -> bytes:
    """Return a PDF with one page for each text."""
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    for text in texts:
        page = pdf.add_blank_page()
        page.Contents = pdf.make_stream(f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode("latin-1"))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    output = BytesIO()
    pdf.save(output, **options)
    return output.getvalue()


@dataclass
class SmallDirectory:
    """Students and documents in memory; keeps every school apart, as a directory must."""

    kept: dict[int, tuple[int, Student]] = field(default_factory=dict)
    stored: dict[int, Document] = field(default_factory=dict)
    said: dict[tuple[int, str], bool] = field(default_factory=dict)
    """Whether employers may have documents, by student and type."""
    applied: dict[tuple[int, str], str] = field(default_factory=dict)
    """The status of applications, by student and number of the vacancy."""
    extra_vacancies: list[str] = field(default_factory=list)
    """Numbers of vacancies that are offered only when they are asked for."""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def add(
        self, school: School, name: str, *, major: str = "Biology", year: int = 2027, number: str = ""
    ) -> Student:
        """Keep a student of the school."""
        first, last = name.split()
        pk = next(self.numbers)
        student = Student(
            id=pk,
            number=number or f"{pk:05d}",
            first_name=first,
            last_name=last,
            email=f"{first.lower()}@students.example",
            major=major,
            graduation_year=year,
        )
        self.kept[pk] = (school.pk, student)
        return student

    def give(self, student: Student, document_type: str, content: bytes) -> Document:
        """Store a document of the student."""
        pk = next(self.numbers)
        name = f"{student.last_name} {document_type}.pdf"
        self.stored[pk] = Document(
            id=pk,
            student_id=student.id,
            document_type=document_type,
            file_name=name,
            size=len(content),
            file=ContentFile(content, name=name),
        )
        return self.stored[pk]

    def students(self, *, school_id: int, chosen: StudentFilter) -> list[Student]:
        found = [student for school, student in self.kept.values() if school == school_id]
        found = [student for student in found if chosen.major in {"", student.major}]
        found = [student for student in found if chosen.graduation_year in {None, student.graduation_year}]
        found = [student for student in found if not chosen.vacancy or self._has_applied(student, chosen)]
        found = [
            student for student in found if chosen.search.lower() in f"{student.name} {student.email}".lower()
        ]
        return sorted(found, key=lambda student: (student.last_name, student.first_name, student.id))

    def _has_applied(self, student: Student, chosen: StudentFilter) -> bool:
        status = self.applied.get((student.id, chosen.vacancy))
        return status is not None and (not chosen.statuses or status in chosen.statuses)

    def students_by_id(self, *, school_id: int, ids: Iterable[int]) -> dict[int, Student]:
        wanted = set(ids)
        found = self.students(school_id=school_id, chosen=StudentFilter())
        return {student.id: student for student in found if student.id in wanted}

    def students_by_number(self, *, school_id: int, numbers: Iterable[str]) -> dict[str, Student]:
        wanted = set(numbers)
        found = self.students(school_id=school_id, chosen=StudentFilter())
        return {student.number: student for student in found if student.number in wanted}

    def students_by_number_in_any_case(self, *, school_id: int, numbers: Iterable[str]) -> list[Student]:
        wanted = {number.lower() for number in numbers}
        found = self.students(school_id=school_id, chosen=StudentFilter())
        return [student for student in found if normalize("NFC", student.number).lower() in wanted]

    def students_by_email(self, *, school_id: int, emails: Iterable[str]) -> list[Student]:
        wanted = {email.lower() for email in emails}
        found = self.students(school_id=school_id, chosen=StudentFilter())
        return [student for student in found if student.email.lower() in wanted]

    def documents(
        self, *, school_id: int, student_ids: Sequence[int], document_types: Sequence[str]
    ) -> list[Document]:
        found = [
            document
            for document in self.stored.values()
            if document.student_id in student_ids
            and document.document_type in document_types
            and self.kept[document.student_id][0] == school_id
        ]
        return sorted(
            found,
            key=lambda document: (
                student_ids.index(document.student_id),
                document_types.index(document.document_type),
            ),
        )

    def releases(self, *, school_id: int, student_ids: Sequence[int]) -> dict[tuple[int, str], bool]:
        of_school = {pk for pk, (school, _) in self.kept.items() if school == school_id}
        wanted = of_school.intersection(student_ids)
        return {key: answer for key, answer in self.said.items() if key[0] in wanted}

    def majors(self, *, school_id: int) -> list[str]:
        return sorted({student.major for school, student in self.kept.values() if school == school_id})

    def graduation_years(self, *, school_id: int) -> list[int]:
        years = {student.graduation_year for school, student in self.kept.values() if school == school_id}
        return sorted(year for year in years if year)

    def vacancies(self, *, school_id: int, most: int, with_number: str = "") -> list[Vacancy]:
        of_school = {pk for pk, (school, _) in self.kept.items() if school == school_id}
        numbers = sorted({number for pk, number in self.applied if pk in of_school})[:most]
        numbers += [with_number] if with_number in self.extra_vacancies else []
        return [Vacancy(number=each, title=f"Title of {each}", employer="Harbor Health") for each in numbers]


@pytest.fixture(scope="session", autouse=True)
def _ending() -> Iterator[None]:
    """End the processes that normalise documents with the tests."""
    yield
    confined.confinement.close()


@pytest.fixture(autouse=True)
def _kept_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the keeper's thread out: it does not see the rows of the test's transaction."""
    monkeypatch.setattr(leases.keeper, "_extend", lambda _: None)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what a person waits for take its time: the machine may be busy."""
    monkeypatch.setattr(pictures, "LIMITS", PATIENT)
    monkeypatch.setattr(confined, "PICTURE_LIMITS", PATIENT)
    monkeypatch.setattr(previewing, "SECONDS", PATIENT.seconds)


@pytest.fixture
def students() -> Iterator[SmallDirectory]:
    """The directory of students that the test fills."""
    before = list(directory._offered)
    small = SmallDirectory()
    directory.offer(small)
    yield small
    directory._offered[:] = before


@pytest.fixture
def school(db: None) -> School:
    """A school."""
    return make_school()


@pytest.fixture
def person(school: School) -> Person:
    """Someone of the school's career office."""
    return make_person(school=school)


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> Path:
    """The folder where files are stored: a new one for each test."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def files(storage: Path) -> Callable[[], list[str]]:
    """Tells the names of the files that are stored, but for documents made ready and pictures of pages."""

    def found() -> list[str]:
        aside = StoredFile.objects.filter(name__regex=r"\.(piece|webp)$")
        pieces = set(aside.values_list("sha256", flat=True))
        return sorted({path.name for path in storage.rglob("*") if path.is_file()} - pieces)

    return found


@pytest.fixture
def pdf() -> Callable[..., bytes]:
    """Makes the bytes of a PDF with one page for each text; options are pikepdf's for saving."""
    return pdf_bytes


@pytest.fixture
def ask(person: Person) -> Callable[..., Job]:
    """Asks for a packet of the given students, as `person`, and returns its job.

    It has documents alone, unless a layout is given.
    """

    def asked(
        *chosen: Student,
        title: str = "Spring fair",
        types: Sequence[str] = DocumentType.values,
        own_files: bool = False,
        layout: Layout = PLAIN,
        logo: StoredFile | None = None,
    ) -> Job:
        assert person.school is not None
        request = PacketRequest.of_form(
            form_key=uuid4(),
            title=title,
            document_types=list(types),
            students=chosen,
            has_own_files=own_files,
            layout=layout,
            logo=logo,
        )
        return request_packet(school=person.school, by=person, request=request)

    return asked


@pytest.fixture
def build(ask: Callable[..., Job]) -> Callable[..., Packet]:
    """Asks for a packet, does its job to the end, and returns it."""

    def built(*chosen: Student, **given: Any) -> Packet:
        job = ask(*chosen, **given)
        run_parts(lane="packets")
        return Packet.objects.select_related("result", "job").get(job=job)

    return built


@pytest.fixture
def client(client: Client, person: Person) -> Client:
    """A browser in which someone of the school is signed in."""
    client.force_login(person)
    return client


@pytest.fixture
def make_template(school: School, person: Person) -> Callable[..., PacketTemplate]:
    """Makes a template of the school, or of another one."""

    def made(name: str = "Fairs", **given: Any) -> PacketTemplate:
        of = given.pop("school", school)
        logo = drawn(file(given.pop("picture"))) if "picture" in given else None
        usual = {"title": "", "document_types": ["resume"], "has_own_files": False, "layout": Layout()}
        choices = Choices(name=name, logo=logo, **{**usual, **given})
        return keeping.keep(None, choices, school=of, by=person, now=timezone.now())

    return made
