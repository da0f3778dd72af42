"""What an import would change: shown before it, and rows that look like another person are left out."""

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client

from jobs.models import JobState, Person, School
from jobs.testing import run_parts
from uploads import changes
from uploads.importing import begin_import
from uploads.models import Student, Upload, UploadState

HandIn = Callable[..., Upload]
HEAD = "number,first name,last name,email,major,graduation year\n"
MAYA = "0017,Maya,Lee,maya@school.example,Nursing,2027\n"
TARIQ = "0018,Tariq,Hansen,tariq@school.example,,\n"
OTHER = "0017,Ana,Cruz,ana@school.example,Nursing,2027\n"


@pytest.fixture(autouse=True)
def _known(school: School) -> None:
    """Maya and Tariq are known."""
    for row in (MAYA, TARIQ):
        number, first, last, email, major, year = row.strip().split(",")
        Student.objects.create(
            school=school,
            number=number,
            first_name=first,
            last_name=last,
            email=email,
            major=major,
            graduation_year=year or None,
        )


@pytest.fixture
def client(client: Client, person: Person) -> Client:
    """A browser in which the person is signed in."""
    client.force_login(person)
    return client


def page(client: Client, upload: Upload) -> str:
    return " ".join(client.get(f"/uploads/{upload.pk}/").content.decode().split())


def change_rows(upload: Upload) -> list[list[str]]:
    assert upload.change_file is not None
    with upload.change_file.content.open("rb") as file:
        return list(csv.reader(io.StringIO(file.read().decode("utf-8-sig"), newline="")))


def imported(upload: Upload) -> Upload:
    run_parts(lane="uploads")
    upload.refresh_from_db()
    return upload


def test_a_changed_row_is_kept_with_old_and_new(hand_in: HandIn) -> None:
    upload = hand_in(HEAD + TARIQ + MAYA.replace("Nursing,2027", ",2028"))
    (change,) = upload.changes
    assert (change["row"], change["number"], change["name"], change["is_other"]) == (
        3,
        "0017",
        "Maya Lee",
        False,
    )
    assert change["cells"] == [
        {"column": "major", "old": "Nursing", "new": ""},
        {"column": "graduation year", "old": "2027", "new": "2028"},
    ]


def test_the_page_shows_the_changes_before_the_import(client: Client, hand_in: HandIn) -> None:
    shown = page(client, hand_in(HEAD + MAYA.replace("Nursing,2027", ",2028")))
    assert "Nursing → <strong>(empty)</strong>" in shown
    assert "2027 → <strong>2028</strong>" in shown
    assert "another person" not in shown
    assert 'name="others"' not in shown


@pytest.mark.parametrize(
    ("row", "is_other"),
    [
        ("0017,Ana,Lee,ana@school.example\n", True),
        ("0017,Maya,Cruz,m.cruz@school.example\n", True),
        ("0017,Ana,Cruz,maya@school.example\n", False),
        ("0017,Maya,Lee,maya.lee@school.example\n", False),
        ("0017,MAYA,LEE,maya.lee@school.example\n", False),
        ("0017,Ana,Lee,MAYA@school.example\n", False),
        ("0099,Ana,Cruz,ana@school.example\n", False),
    ],
)
def test_name_and_address_together_make_another_person(hand_in: HandIn, row: str, *, is_other: bool) -> None:
    upload = hand_in("number,first name,last name,email\n" + row)
    assert upload.other_rows == is_other
    assert [change["is_other"] for change in upload.changes] in ([], [is_other])


def test_only_first_changes_are_kept_and_another_person_comes_first(
    client: Client, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "CHANGES_SHOWN", 1)
    upload = hand_in(HEAD + TARIQ.replace("Hansen", "Hansson") + OTHER)
    assert [change["row"] for change in upload.changes] == [3]
    assert "And 1 more" in page(client, upload)
    assert change_rows(upload) == [
        ["row", "student number", "student", "column", "old", "new", "warning"],
        ["3", "0017", "Maya Lee", "first name", "Maya", "Ana", "This looks like another person"],
        ["3", "0017", "Maya Lee", "last name", "Lee", "Cruz", "This looks like another person"],
        [
            "3",
            "0017",
            "Maya Lee",
            "email",
            "maya@school.example",
            "ana@school.example",
            "This looks like another person",
        ],
        ["2", "0018", "Tariq Hansen", "last name", "Hansen", "Hansson", ""],
    ]
    assert f'href="/files/{upload.change_file_id}/"' in page(client, upload)


def test_the_file_of_changes_runs_no_formula(hand_in: HandIn) -> None:
    Student.objects.filter(number="0017").update(major="=1+1")
    upload = hand_in(HEAD + MAYA.replace("Nursing", '"@SUM(A1)"'))
    assert change_rows(upload)[1][4:6] == ["'=1+1", "'@SUM(A1)"]


def test_without_changes_there_is_no_file_of_them(hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA + "0019,Ana,Cruz,ana@school.example,,\n")
    assert (upload.changes, upload.change_file) == ([], None)


def test_who_looks_like_another_person_is_left_out_unless_ticked(client: Client, hand_in: HandIn) -> None:
    upload = hand_in(HEAD + OTHER + TARIQ.replace("Hansen", "Hansson"))
    shown = page(client, upload)
    assert shown.index("looks like another person: importing") < shown.index("Import 1 good row<")
    assert "Import this row too" in shown
    assert "This looks like another person</span>" in shown
    client.post(f"/uploads/{upload.pk}/import/")
    imported(upload)
    assert Student.objects.get(number="0017").last_name == "Lee"
    assert Student.objects.get(number="0018").last_name == "Hansson"
    assert (upload.changed_rows, upload.unchanged_rows, upload.left_out_rows) == (1, 0, 1)
    assert not upload.imports_others
    assert "1 row was left out" in page(client, upload)


def test_who_looks_like_another_person_is_imported_when_ticked(client: Client, hand_in: HandIn) -> None:
    upload = hand_in(HEAD + OTHER + TARIQ.replace("Tariq", "Tarik").replace("tariq@", "tarik@"))
    assert "Import these 2 rows too" in page(client, upload)
    client.post(f"/uploads/{upload.pk}/import/", {"others": "on"})
    imported(upload)
    assert upload.imports_others
    assert (upload.changed_rows, upload.left_out_rows) == (2, 0)
    assert Student.objects.get(number="0017").last_name == "Cruz"


def test_nothing_but_other_people_needs_the_tick(client: Client, hand_in: HandIn) -> None:
    upload = hand_in(HEAD + OTHER)
    response = client.post(f"/uploads/{upload.pk}/import/", follow=True)
    assert "no row of it was chosen" in response.content.decode()
    upload.refresh_from_db()
    assert upload.state == UploadState.CHECKED


def test_who_became_another_person_since_the_check_is_left_out(hand_in: HandIn, person: Person) -> None:
    upload = hand_in(HEAD + MAYA)
    Student.objects.filter(number="0017").update(first_name="Ana", email="ana@school.example")
    assert begin_import(upload=upload, by=person)
    assert imported(upload).left_out_rows == 1
    assert Student.objects.get(number="0017").first_name == "Ana"


def test_the_tick_holds_only_for_what_the_page_showed(hand_in: HandIn, person: Person) -> None:
    upload = hand_in(HEAD + OTHER)
    Student.objects.filter(number="0017").update(first_name="Bo", email="bo@school.example")
    assert begin_import(upload=upload, by=person, with_others=True)
    imported(upload)
    assert upload.import_job is not None
    assert upload.import_job.state == JobState.FAILED
    assert (
        "has changed since the check, so other rows look like another person now" in upload.import_job.error
    )
    assert Student.objects.get(number="0017").first_name == "Bo"
