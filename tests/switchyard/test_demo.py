"""The demo: two schools that show what the platform does."""

import subprocess
import sys
from io import BytesIO, StringIO
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from pytest_django import Settings
from switchyard.demo.documents import set_documents
from switchyard.demo.loading import DAMAGED, MISSING
from switchyard.demo.logins import LOGINS, PASSWORD
from switchyard.demo.records import record_of
from switchyard.demo.students import content, make_students

from jobs.directory import ApplicationStatus
from jobs.models import Job, Person, School
from jobs.testing import run_parts
from uploads.models import Application, Employer, Student, StudentDocument, Upload, Vacancy
from uploads.receiving import receive
from uploads.views import SAMPLE


@pytest.fixture
def demo(db: None, settings: Settings) -> str:
    """Load the demo and return what the command said."""
    settings.DEMO = True
    said = StringIO()
    call_command("demo", stdout=said)
    return said.getvalue()


def readable(document: StudentDocument) -> bool:
    with document.file.content.open("rb") as file:
        try:
            pikepdf.open(BytesIO(file.read())).close()
        except (pikepdf.PdfError, pikepdf.PasswordError):
            return False
    return True


def test_the_demo_holds_two_schools_and_does_nothing_the_second_time(demo: str) -> None:
    assert demo == "The demo is loaded.\n"
    assert School.objects.count() == 2
    assert Student.objects.count() == 400
    assert Employer.objects.count() == 20
    assert Vacancy.objects.count() == 48
    assert {each.status for each in Application.objects.all()} == set(ApplicationStatus.values)
    for application in Application.objects.select_related("student", "vacancy"):
        assert application.school_id == application.student.school_id == application.vacancy.school_id
    assert not Job.objects.exists()
    documents = list(StudentDocument.objects.select_related("file"))
    assert len(documents) == 800 - 2 * len(MISSING)
    assert sum(not readable(document) for document in documents) == 2 * len(DAMAGED)
    again = StringIO()
    call_command("demo", stdout=again)
    assert again.getvalue() == "The demo is there already.\n"
    assert Student.objects.count() == 400


@pytest.mark.usefixtures("demo")
def test_every_login_works_and_the_sample_shows_each_outcome() -> None:
    for login in LOGINS:
        person = Person.objects.get(email=login.email)
        assert person.check_password(PASSWORD)
        assert person.role == login.role
        assert (person.school.slug if person.school else "") == login.school
    staff = Person.objects.get(email="staff@northfield.example")
    assert staff.school is not None
    sample = SimpleUploadedFile("students.csv", SAMPLE.read_bytes())
    upload = receive(file=sample, key=uuid4(), school=staff.school, by=staff)
    run_parts(lane="uploads")
    found = Upload.objects.get(pk=upload.pk)
    assert (found.new_rows, found.changed_rows, found.unchanged_rows, found.wrong_rows) == (34, 8, 12, 6)


def test_the_demo_does_not_load_where_its_password_would_be_a_hole(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="SWITCHYARD_DEMO is off"):
        call_command("demo")


def test_students_and_documents_are_the_same_each_time() -> None:
    school = content()["schools"][1]
    students = make_students(school=school)
    assert students == make_students(school=school)
    assert len({student.email for student in students}) == len(students)
    records = [record_of(student, school=school) for student in students[:5]]
    for document_type in ("resume", "transcript"):
        first, second = (list(set_documents(document_type=document_type, records=records)) for _ in range(2))
        assert first == second
        assert len(first) == 5


def test_logins_can_be_read_without_django() -> None:
    program = "import sys, switchyard.demo.logins; sys.exit('switchyard.settings' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2] / "platform")
