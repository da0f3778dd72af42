"""Saying as what the columns of a file are read: the page, what it remembers, and the check begun anew."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs.models import Job, Person, Role
from jobs.testing import make_person, run_parts
from uploads.choosing import choose_columns
from uploads.importing import begin_import
from uploads.models import FileShape, Student, Upload, UploadState

HandIn = Callable[..., Upload]
ODD = (
    "Ref,Given Name(s),Family,Private mail,Email,Programme of study\n"
    "0017,Maya,Lee,maya@home.example,maya@school.example,Nursing\n"
    "0018,Tariq,Hansen,,tariq@school.example,\n"
)
CHOSEN = {"number": 0, "first_name": 1, "last_name": 2, "email": 4, "major": 5}
KNOWN = "number,first name,last name,email\n0017,Maya,Lee,maya@school.example\n"


@pytest.fixture
def client(client: Client, person: Person) -> Client:
    """A browser in which the person is signed in."""
    client.force_login(person)
    return client


def send(client: Client, content: str) -> str:
    form = {"key": str(uuid4()), "file": SimpleUploadedFile("registrar.csv", content.encode())}
    response = client.post("/uploads/new/", form)
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def chosen_form(places: dict[str, int]) -> dict[str, str]:
    return {f"c{place}": name for name, place in places.items()}


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def choose(upload: Upload, by: Person, **places: int) -> bool:
    return choose_columns(upload=upload, places=places or CHOSEN, by=by, now=timezone.now())


def test_a_file_with_other_headings_shows_its_columns_before_its_check(client: Client) -> None:
    address = send(client, ODD)
    assert address.endswith("/columns/")
    shown = page(client, address)
    assert "Not found yet: student number. Choose the column that holds it." in shown
    for said in (
        "Given Name(s)",
        "Private mail",
        "maya@home.example",
        "0018",
        "By likeness",
        "By its heading",
    ):
        assert said in shown
    assert not Job.objects.exists()
    assert "Columns to be chosen" in page(client, "/uploads/")
    assert "Say what the columns are" in page(client, address.removesuffix("columns/"))


def test_chosen_columns_are_checked_and_imported(client: Client, person: Person) -> None:
    address = send(client, ODD)
    upload_page = address.removesuffix("columns/")
    assert client.post(address, chosen_form(CHOSEN))["Location"] == upload_page
    run_parts(lane="uploads")
    shown = page(client, upload_page)
    assert "Import 2 good rows" in shown
    assert "Columns that are not used: Private mail." in shown
    assert begin_import(upload=Upload.objects.get(), by=person)
    run_parts(lane="uploads")
    assert list(Student.objects.order_by("number").values_list("number", "email", "major")) == [
        ("0017", "maya@school.example", "Nursing"),
        ("0018", "tariq@school.example", ""),
    ]


@pytest.mark.parametrize(
    ("places", "sentence"),
    [
        ({"number": 0, "first_name": 1, "email": 4}, "No column is read as: last name."),
        ({}, "No column is read as: student number, first name, last name, email."),
    ],
)
def test_a_required_column_that_nothing_is_read_as_is_named(
    client: Client, places: dict[str, int], sentence: str
) -> None:
    address = send(client, ODD)
    response = client.post(address, {**chosen_form(places), "c5": ""})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Upload.objects.get().state == UploadState.MAPPING
    assert not FileShape.objects.exists()


def test_two_columns_read_as_one_are_named_and_what_was_chosen_stays(client: Client) -> None:
    address = send(client, ODD)
    response = client.post(address, {**chosen_form(CHOSEN), "c3": "email"})
    assert response.status_code == 422
    shown = response.content.decode()
    assert "“Private mail” and “Email” are both read as email. Choose one." in shown
    assert '<option value="last_name" selected>' in shown


def test_two_headings_of_one_column_are_named_on_the_page(client: Client) -> None:
    shown = page(
        client, send(client, "number,first name,last name,Student Email,Email\n1,A,B,a@b.example,\n")
    )
    assert "could be read as the same: “Email”, “Student Email”" in shown


def test_own_headings_are_checked_at_once_and_can_be_changed(client: Client) -> None:
    address = send(client, KNOWN)
    assert not address.endswith("columns/")
    run_parts(lane="uploads")
    assert f'href="{address}columns/"' in page(client, address)
    assert "By its heading" in page(client, f"{address}columns/")


def test_the_next_file_of_the_shape_is_read_as_the_school_chose(client: Client) -> None:
    client.post(send(client, ODD), chosen_form(CHOSEN))
    rows = [line.split(",") for line in ODD.splitlines()]
    turned = "".join(",".join(reversed(row)) + "\n" for row in rows)
    shown = page(client, send(client, turned))
    assert "Your school uploaded a file with these headings before. What Test Person chose on" in shown
    assert shown.count("As your school chose") == len(CHOSEN)
    assert "Not found yet" not in shown


def test_what_another_school_chose_is_not_offered(client: Client, hand_in_odd: HandIn) -> None:
    other = make_person()
    choose(hand_in_odd(ODD, by=other, checked=False), other)
    assert "uploaded a file with these headings before" not in page(client, send(client, ODD))


def test_what_was_chosen_last_holds(client: Client, hand_in_odd: HandIn, person: Person) -> None:
    upload = hand_in_odd(ODD, checked=False)
    choose(upload, person)
    choose(upload, person, number=0, first_name=1, last_name=2, email=3)
    kept = FileShape.objects.get()
    assert kept.columns["privatemail"] == "email"
    assert (kept.columns["email"], kept.columns["programmeofstudy"]) == ("", "")


def test_other_columns_begin_the_check_anew(hand_in_odd: HandIn, person: Person) -> None:
    upload = hand_in_odd(ODD, checked=False)
    choose(upload, person)
    run_parts(lane="uploads")
    upload.refresh_from_db()
    assert (upload.state, upload.new_rows, upload.wrong_rows) == (UploadState.CHECKED, 2, 0)
    assert choose(upload, person, number=0, first_name=1, last_name=2, email=3)
    upload.refresh_from_db()
    assert (upload.state, upload.new_rows) == (UploadState.CHECKING, 0)
    run_parts(lane="uploads")
    upload.refresh_from_db()
    assert (upload.state, upload.new_rows, upload.wrong_rows) == (UploadState.CHECKED, 1, 1)
    assert Job.objects.filter(kind="uploads.check").count() == 2


def test_a_check_whose_columns_were_changed_meanwhile_changes_nothing(
    hand_in_odd: HandIn, person: Person
) -> None:
    upload = hand_in_odd(ODD, checked=False)
    choose(upload, person)
    before = Upload.objects.get()
    choose(upload, person, number=0, first_name=1, last_name=2, email=3)
    counts: dict[str, Any] = {"new": 9, "changed": 9, "unchanged": 9, "wrong": 9}
    assert not before.end_check(**counts)
    assert not before.refuse(reason="too old")
    assert Upload.objects.get().state == UploadState.CHECKING
    run_parts(lane="uploads")
    assert Upload.objects.get().wrong_rows == 1


def test_columns_of_an_imported_file_are_not_changed(
    client: Client, hand_in_odd: HandIn, person: Person
) -> None:
    upload = hand_in_odd(KNOWN)
    begin_import(upload=upload, by=person)
    assert not choose(upload, person, number=0, first_name=1, last_name=2, email=3)
    assert not FileShape.objects.exists()
    response = client.get(f"/uploads/{upload.pk}/columns/", follow=True)
    assert "its columns cannot be chosen any more" in response.content.decode()


def test_columns_of_another_school_are_not_found(client: Client, hand_in_odd: HandIn) -> None:
    other = hand_in_odd(ODD, by=make_person(), checked=False)
    assert client.get(f"/uploads/{other.pk}/columns/").status_code == 404
    assert client.post(f"/uploads/{other.pk}/columns/", chosen_form(CHOSEN)).status_code == 404
    assert Upload.objects.get().state == UploadState.MAPPING


def test_who_only_looks_chooses_no_columns(hand_in_odd: HandIn) -> None:
    upload = hand_in_odd(ODD, checked=False)
    ops, auditor = Client(), Client()
    ops.force_login(make_person(role=Role.OPS))
    auditor.force_login(make_person(school=upload.school, role=Role.AUDITOR))
    for looker in (ops, auditor):
        assert looker.post(f"/uploads/{upload.pk}/columns/", chosen_form(CHOSEN)).status_code == 403
    shown = page(ops, f"/uploads/{upload.pk}/")
    assert "staff of the school say what its columns are" in shown
    assert "/columns/" not in shown


def test_the_page_of_columns_has_its_price(
    client: Client, hand_in_odd: HandIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    upload = hand_in_odd(ODD, checked=False)
    with django_assert_max_num_queries(4):
        client.get(f"/uploads/{upload.pk}/columns/")
