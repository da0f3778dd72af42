"""Correcting wrong cells on the page: the check runs again with them, and no one's typing is lost."""

from collections.abc import Callable
from threading import Barrier, Thread
from unittest import mock

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs.models import Job, Person
from jobs.testing import make_person, run_parts
from uploads import correcting
from uploads.correcting import Corrected, Typed, correct_cells
from uploads.importing import begin_import
from uploads.models import Correction, Student, Upload, UploadState

HandIn = Callable[..., Upload]
FILE = (
    "number,first name,last name,email,major,graduation year\n"
    "0017,Maya,Lee,maya(at)school.example,Nursing,2027\n"
    "0018,Tariq,Hansen,tariq@school.example,,27\n"
    "0019,Ana,Cruz,ana@school.example,,\n"
    "0019,Eva,Cruz,eva@school.example,,\n"
    "too,many,cells,in@this.example,row,2027,of,it\n"
)
EMAIL, YEAR, NUMBER = 3, 5, 0
MAYA, TARIQ, EVA = 2, 3, 5
"""Rows."""


@pytest.fixture
def upload(hand_in_odd: HandIn) -> Upload:
    """A checked upload with three wrong cells and a row that is wrong as a whole."""
    return hand_in_odd(FILE)


@pytest.fixture
def client(client: Client, person: Person) -> Client:
    """A browser in which the person is signed in."""
    client.force_login(person)
    return client


def fields(row: int, place: int, *, was: str, now: str) -> dict[str, str]:
    return {f"was-{row}-{place}": was, f"now-{row}-{place}": now}


MAYA_RIGHT = fields(MAYA, EMAIL, was="maya(at)school.example", now=" maya@school.example ")
TARIQ_RIGHT = fields(TARIQ, YEAR, was="27", now="2027")


def page(client: Client, upload: Upload) -> str:
    return client.get(f"/uploads/{upload.pk}/").content.decode()


def save(client: Client, upload: Upload, **sent: str) -> int:
    """Send the fields, let the check run, and return the status."""
    status = client.post(f"/uploads/{upload.pk}/cells/", sent).status_code
    run_parts(lane="uploads")
    upload.refresh_from_db()
    return status


def typed(row: int, place: int, was: str, now: str) -> Typed:
    return Typed(row=row, place=place, was=was, now=now)


def correct(upload: Upload, by: Person, *cells: Typed) -> Corrected:
    return correct_cells(upload=upload, typed=cells, by=by, now=timezone.now())


def test_each_wrong_cell_has_a_field_with_its_value(client: Client, upload: Upload) -> None:
    shown = page(client, upload)
    for cell, value in (("2-3", "maya(at)school.example"), ("3-5", "27"), ("5-0", "0019")):
        assert f'name="now-{cell}" value="{value}"' in shown
    assert shown.count('name="now-') == 3 + 6


def test_corrected_cells_are_checked_again_and_imported(
    client: Client, upload: Upload, person: Person
) -> None:
    assert upload.wrong_rows == 4
    right = fields(EVA, NUMBER, was="0019", now="0020")
    assert save(client, upload, **MAYA_RIGHT, **TARIQ_RIGHT, **right) == 302
    assert (upload.state, upload.new_rows, upload.wrong_rows) == (UploadState.CHECKED, 4, 1)
    shown = page(client, upload)
    assert "3 corrected cells" in shown
    assert "<code>maya(at)school.example</code>" in shown
    assert begin_import(upload=upload, by=person)
    run_parts(lane="uploads")
    found = Student.objects.order_by("number").values_list("number", "email", "graduation_year")
    assert list(found) == [
        ("0017", "maya@school.example", 2027),
        ("0018", "tariq@school.example", 2027),
        ("0019", "ana@school.example", None),
        ("0020", "eva@school.example", None),
    ]
    upload.refresh_from_db()
    assert 'name="now-' not in page(client, upload)


def test_fields_that_nobody_touched_change_nothing(client: Client, upload: Upload) -> None:
    response = client.post(
        f"/uploads/{upload.pk}/cells/", fields(TARIQ, YEAR, was="27", now="27"), follow=True
    )
    assert "No cell was changed" in response.content.decode()
    assert not Correction.objects.exists()
    assert Job.objects.count() == 1


def test_a_correction_that_is_wrong_too_stays_in_its_field(client: Client, upload: Upload) -> None:
    save(client, upload, **fields(TARIQ, YEAR, was="27", now="20270"))
    shown = page(client, upload)
    assert 'name="now-3-5" value="20270"' in shown
    save(client, upload, **fields(TARIQ, YEAR, was="20270", now=""))
    assert upload.wrong_rows == 3
    assert Correction.objects.get().was == "27"


def test_a_corrected_cell_can_be_corrected_again(client: Client, upload: Upload) -> None:
    save(client, upload, **TARIQ_RIGHT)
    assert 'name="now-3-5" value="2027"' in page(client, upload)
    save(client, upload, **fields(TARIQ, YEAR, was="2027", now="2028"))
    correction = Correction.objects.get()
    assert (correction.was, correction.value) == ("27", "2028")


def test_two_people_correct_different_cells_and_both_are_kept(upload: Upload, person: Person) -> None:
    other = make_person(school=upload.school)
    assert correct(upload, person, typed(TARIQ, YEAR, "27", "2027")).saved == 1
    assert correct(upload, other, typed(MAYA, EMAIL, "maya(at)school.example", "m@l.example")).saved == 1
    run_parts(lane="uploads")
    upload.refresh_from_db()
    assert (upload.wrong_rows, upload.corrected_cells) == (2, 2)


def test_who_comes_second_to_a_cell_is_told_and_nothing_typed_is_lost(client: Client, upload: Upload) -> None:
    other = make_person(school=upload.school)
    correct(upload, other, typed(TARIQ, YEAR, "27", "2026"))
    response = client.post(f"/uploads/{upload.pk}/cells/", {**TARIQ_RIGHT, **MAYA_RIGHT})
    assert response.status_code == 409
    shown = response.content.decode()
    assert "somebody else corrected the same cell." in shown
    assert "Your other correction is saved" in shown
    assert 'name="was-3-5" value="2026"' in shown
    assert 'name="now-3-5" value="2027"' in shown
    assert dict(Correction.objects.values_list("row", "value")) == {
        TARIQ: "2026",
        MAYA: "maya@school.example",
    }
    assert save(client, upload, **fields(TARIQ, YEAR, was="2026", now="2027")) == 302
    assert Correction.objects.get(row=TARIQ).value == "2027"


def test_two_people_who_type_the_same_do_not_clash(upload: Upload, person: Person) -> None:
    other = make_person(school=upload.school)
    correct(upload, other, typed(TARIQ, YEAR, "27", "2027"))
    assert correct(upload, person, typed(TARIQ, YEAR, "27", "2027")) == Corrected(saved=0, clashes=[])


@pytest.mark.django_db(transaction=True)
def test_of_two_corrections_of_a_cell_at_the_same_moment_one_is_told(upload: Upload, person: Person) -> None:
    barrier, done = Barrier(2), []

    def correct_at_once(year: str) -> None:
        try:
            barrier.wait(10)
            done.append(correct(upload, person, typed(TARIQ, YEAR, "27", year)))
        finally:
            connection.close()

    threads = [Thread(target=correct_at_once, args=(year,)) for year in ("2027", "2028")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted((each.saved, len(each.clashes)) for each in done) == [(0, 1), (1, 0)]


def test_what_comes_too_late_is_shown_and_not_saved(client: Client, upload: Upload, person: Person) -> None:
    begin_import(upload=upload, by=person)
    response = client.post(f"/uploads/{upload.pk}/cells/", TARIQ_RIGHT)
    assert response.status_code == 409
    shown = response.content.decode()
    assert "What you typed was not saved." in shown
    assert "<strong>2027</strong>" in shown
    assert not Correction.objects.exists()


def test_a_check_that_began_before_a_correction_does_not_end_the_new_one(
    upload: Upload, person: Person
) -> None:
    correct(upload, person, typed(TARIQ, YEAR, "27", "2027"))
    first = Upload.objects.get()
    correct(first, person, typed(MAYA, EMAIL, "maya(at)school.example", "m@l.example"))
    assert not first.end_check(new=9, changed=0, unchanged=0, wrong=0)
    run_parts(lane="uploads")
    assert Upload.objects.get().wrong_rows == 2


def test_nothing_is_saved_when_the_check_cannot_be_begun(upload: Upload, person: Person) -> None:
    with (
        mock.patch.object(correcting, "begin_check", side_effect=RuntimeError("no")),
        pytest.raises(RuntimeError),
    ):
        correct(upload, person, typed(TARIQ, YEAR, "27", "2027"))
    assert not Correction.objects.exists()


def test_fields_that_no_page_has_are_left_alone(client: Client, upload: Upload) -> None:
    sent = {
        "now-x-1": "a",
        "now-1": "a",
        "now-2-99": "a",
        "now-99999999999-1": "a",
        "now-²-1": "a",
        "then-2-3": "a",
    }
    assert save(client, upload, **sent) == 302
    assert not Correction.objects.exists()


def test_a_line_break_in_a_cell_is_no_correction(client: Client, hand_in_odd: HandIn) -> None:
    head = FILE.partition("\n")[0]
    upload = hand_in_odd(f'{head}\n0017,"Ma\nya",Lee,maya@school.example,,\n')
    save(client, upload, **fields(MAYA, 1, was="Ma\r\nya", now="Maya"))
    assert not Correction.objects.exists()
    save(client, upload, **fields(MAYA, 1, was="Ma\r\nya", now="Maja"))
    assert upload.new_rows == 1


def test_what_no_database_can_hold_is_left_out(client: Client, upload: Upload) -> None:
    sent = fields(MAYA, EMAIL, was="maya(at)school.example\0", now="maya@school\0.example")
    assert save(client, upload, **sent) == 302
    assert upload.corrections.get().value == "maya@school.example"


def test_cells_of_another_school_are_not_found(client: Client, hand_in_odd: HandIn) -> None:
    other = hand_in_odd(FILE, by=make_person())
    assert client.post(f"/uploads/{other.pk}/cells/", TARIQ_RIGHT).status_code == 404
    assert not Correction.objects.exists()


def test_the_error_file_has_what_was_corrected(client: Client, upload: Upload) -> None:
    save(client, upload, **fields(TARIQ, YEAR, was="27", now="20270"))
    assert upload.error_file is not None
    with upload.error_file.content.open("rb") as file:
        assert ",20270\r\n" in file.read().decode("utf-8-sig")


def test_a_page_with_corrections_has_its_price(
    client: Client, upload: Upload, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    save(client, upload, **TARIQ_RIGHT, **MAYA_RIGHT)
    with django_assert_max_num_queries(5):
        page(client, upload)
