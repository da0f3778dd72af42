"""The pages of the uploads: what a person sees and may do, and nothing of another school's."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from jobs import files
from jobs.models import Job, JobState, Person, Role, School
from jobs.testing import make_person, run_parts
from uploads.models import Student, StudentDocument, Upload, UploadState

HandIn = Callable[..., Upload]
HEAD = "number,first name,last name,email,major,graduation year\n"
MAYA = "0017,Maya,Lee,maya@school.example,Nursing,2027\n"
WRONG = "0019,Ana,Cruz,<b>ana</b>,,\n"


@pytest.fixture
def client(client: Client, person: Person) -> Client:
    """A browser in which the person is signed in."""
    client.force_login(person)
    return client


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def send(client: Client, data: bytes, *, key: str = "", name: str = "students.csv") -> str:
    """Send the form; return the address that it leads to, or the page with the form again."""
    form = {"key": key or str(uuid4()), "file": SimpleUploadedFile(name, data)}
    response = client.post("/uploads/new/", form)
    assert response.status_code in {302, 422}
    return response["Location"] if response.status_code == 302 else response.content.decode()


def test_the_way_of_an_upload_from_the_form_to_the_rows(client: Client, person: Person) -> None:
    address = send(client, (HEAD + MAYA + WRONG).encode())
    waiting = page(client, address)
    assert "The file is being checked." in waiting
    assert f'hx-get="{address}state/?state=waiting"' in waiting
    run_parts(lane="uploads")
    checked = page(client, address)
    assert "Import 1 good row<" in checked
    assert "&lt;b&gt;ana&lt;/b&gt;" in checked
    assert "hx-get" not in page(client, f"{address}state/")
    assert client.post(f"{address}import/").status_code == 302
    assert "are being imported" in page(client, address)
    run_parts(lane="uploads")
    assert "1 new, 0 changed, 0 unchanged" in page(client, address)
    assert Student.objects.get().school == person.school


def test_the_form_shows_the_columns_and_the_limit(client: Client) -> None:
    shown = page(client, "/uploads/new/")
    assert "Up to 100 MB" in shown
    assert "student number" in shown
    assert "class year" in shown
    assert "Zeros at the start are kept. Up to 40 characters." in shown


def test_the_form_sent_twice_makes_one_upload(client: Client) -> None:
    key = str(uuid4())
    addresses = {send(client, (HEAD + MAYA).encode(), key=key) for _ in range(2)}
    assert len(addresses) == 1
    assert Upload.objects.count() == Job.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "“students.csv” is empty."),
        (b"\x89PNG\r\n\x1a\n\0\0", "This is a picture, not a CSV file."),
        (b"PK\x03\x04\0\0", "The file is damaged"),
        (HEAD.encode(), "headings but no rows"),
        (b"number,email\n1,a@b.example\n", "no column for: first name, last name"),
    ],
)
def test_what_is_no_data_file_is_said_on_the_form(client: Client, data: bytes, sentence: str) -> None:
    assert send(client, data).count(sentence) == 1
    assert not Upload.objects.exists()
    assert not Job.objects.exists()


def test_a_file_over_the_limit_is_said_on_the_form(client: Client, settings: Settings) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "files": {"upload_megabytes": 0.001}}
    assert "at most 0.001 MB can be uploaded" in send(client, (HEAD + MAYA * 30).encode())
    assert not Upload.objects.exists()


def test_no_file_is_said_on_the_form(client: Client) -> None:
    response = client.post("/uploads/new/", {"key": str(uuid4())})
    assert response.status_code == 422
    assert "Choose a CSV file of students." in response.content.decode()


def test_a_long_file_name_is_no_obstacle(client: Client) -> None:
    address = send(client, (HEAD + MAYA).encode(), name=f"{'n' * 240}.csv")
    assert "n" * 100 in page(client, address)


def test_quote_in_the_name_of_a_file_is_kept(client: Client) -> None:
    send(client, (HEAD + MAYA).encode(), name="the %22new%22%0D%0A ones.csv")
    upload = Upload.objects.get()
    assert upload.file.name == 'the "new" ones.csv'
    assert Job.objects.get().title == 'Check of the "new" ones.csv'


def test_an_upload_that_breaks_off_says_why(client: Client, hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA + '0099,"Ana')
    shown = page(client, f"/uploads/{upload.pk}/")
    assert "Row 3 cannot be read" in shown
    assert "Nothing was imported." in shown


def test_a_check_that_was_stopped_offers_to_start_again(client: Client, hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA, checked=False)
    Job.objects.update(state=JobState.STOPPED, ended_at=timezone.now())
    shown = page(client, f"/uploads/{upload.pk}/")
    assert "Upload the file again" in shown
    assert "Needs attention" in page(client, "/uploads/")


def test_an_upload_without_good_rows_offers_no_import(client: Client, hand_in: HandIn) -> None:
    shown = page(client, f"/uploads/{hand_in(HEAD + WRONG).pk}/")
    assert "there is nothing to import" in shown
    assert "/import/" not in shown


def test_a_second_click_on_import_says_so(client: Client, hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA)
    for _ in range(2):
        response = client.post(f"/uploads/{upload.pk}/import/", follow=True)
    assert "imported already" in response.content.decode()
    assert Job.objects.filter(kind="uploads.import").count() == 1


def test_the_error_file_is_a_download(client: Client, hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA + WRONG)
    address = f"/files/{upload.error_file_id}/"
    assert address in page(client, f"/uploads/{upload.pk}/")
    response = client.get(address)
    assert b"Row 3" in b"".join(response)
    assert response["Content-Disposition"] == 'attachment; filename="students wrong rows.csv"'


def test_the_job_page_leads_to_the_upload(client: Client, hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA)
    assert f'href="/uploads/{upload.pk}/"' in page(client, f"/jobs/{upload.check_job_id}/")


def test_the_template_and_the_sample_can_be_uploaded(client: Client) -> None:
    template = client.get("/uploads/template/").content
    assert send(client, template + MAYA.encode()).startswith("/uploads/")
    sample = b"".join(client.get("/uploads/sample/"))
    address = send(client, sample)
    run_parts(lane="uploads")
    assert "Import 54 good rows" in page(client, address)


@pytest.mark.parametrize("tail", ["", "state/"])
def test_another_schools_upload_is_not_found(client: Client, hand_in: HandIn, tail: str) -> None:
    other = hand_in(HEAD + WRONG, by=make_person())
    assert client.get(f"/uploads/{other.pk}/{tail}").status_code == 404
    assert client.get(f"/files/{other.error_file_id}/").status_code == 404
    assert "students.csv" not in page(client, "/uploads/")


def test_another_schools_upload_cannot_be_imported(client: Client, hand_in: HandIn) -> None:
    other = hand_in(HEAD + MAYA, by=make_person())
    assert client.post(f"/uploads/{other.pk}/import/").status_code == 404
    other.refresh_from_db()
    assert other.state == UploadState.CHECKED


def test_an_upload_begins_by_post_only(client: Client, hand_in: HandIn) -> None:
    assert client.get(f"/uploads/{hand_in(HEAD + MAYA).pk}/import/").status_code == 405


def test_someone_without_a_school_sees_uploads_but_makes_none(hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA)
    ops = Client()
    ops.force_login(make_person(role=Role.OPS))
    assert "Northfield University" in page(ops, f"/uploads/{upload.pk}/")
    assert ops.get("/uploads/new/").status_code == 403
    refused = hand_in(HEAD + MAYA + '0099,"Ana')
    assert "/uploads/new/" not in page(ops, f"/uploads/{refused.pk}/")
    assert ops.post(f"/uploads/{upload.pk}/import/").status_code == 403
    upload.refresh_from_db()
    assert upload.state == UploadState.CHECKED


def test_someone_without_a_school_downloads_no_file_of_an_upload(hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA + WRONG)
    ops = Client()
    ops.force_login(make_person(role=Role.OPS))
    for address in ("/uploads/", f"/uploads/{upload.pk}/", f"/jobs/{upload.check_job_id}/"):
        assert "/files/" not in page(ops, address)
    for file_id in (upload.file_id, upload.error_file_id):
        assert ops.get(f"/files/{file_id}/").status_code == 404


def test_nobody_sees_uploads_without_signing_in() -> None:
    assert Client().get("/uploads/")["Location"].startswith("/sign-in/")


def test_students_are_listed_with_their_documents(client: Client, school: School) -> None:
    student = Student.objects.create(
        school=school, number="1", first_name="Maya", last_name="Lee", email="m@l.example"
    )
    stored = files.store(
        school=school, name="r.pdf", media_type="application/pdf", content=ContentFile(b"%PDF")
    )
    StudentDocument.objects.create(school=school, student=student, document_type="resume", file=stored)
    Student.objects.create(
        school=make_person().school, number="2", first_name="Other", last_name="School", email="o@s.example"
    )
    shown = page(client, "/uploads/students/?search=maya+l")
    assert f'href="/files/{stored.pk}/"' in shown
    assert "Other" not in shown
    assert "No student fits" in page(client, "/uploads/students/?search=nobody&major=Gone&graduation_year=x")


def test_a_list_costs_the_same_however_long(
    client: Client, hand_in: HandIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(4):
        hand_in(HEAD + MAYA)
    with django_assert_max_num_queries(5):
        client.get("/uploads/")


def test_every_page_has_its_price(
    client: Client, hand_in: HandIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    waiting, checked = hand_in(HEAD + MAYA, checked=False), hand_in(HEAD + MAYA + WRONG, checked=False)
    prices = {"/uploads/new/": 3, f"/uploads/{waiting.pk}/": 10, "/uploads/students/": 7}
    for address, price in prices.items():
        with django_assert_max_num_queries(price):
            client.get(address)
    run_parts(lane="uploads")
    with django_assert_max_num_queries(4):
        client.get(f"/uploads/{checked.pk}/")
