"""The columns of a file with very many: those that are read stand first, the others apart."""

from collections.abc import Callable

import pytest
from django.test import Client

from jobs.models import Person
from jobs.testing import run_parts
from uploads.models import Upload

HandIn = Callable[..., Upload]
OURS = ["Ref", "Given name", "Surname", "Email"]
EXTRA = 294


def wide(*ours: str) -> str:
    """Return a file with 294 columns that mean nothing in front of ours."""
    heads = [*(f"Field {number}" for number in range(EXTRA)), *ours]
    return ",".join(heads) + "\n" + ",".join([*["x"] * EXTRA, "0017", "Maya", "Lee", "maya@school.example"])


@pytest.fixture
def client(client: Client, person: Person) -> Client:
    """A browser in which the person is signed in."""
    client.force_login(person)
    return client


def page(client: Client, upload: Upload) -> str:
    return client.get(f"/uploads/{upload.pk}/columns/").content.decode()


def test_columns_that_are_read_stand_before_the_many_others(client: Client, hand_in_odd: HandIn) -> None:
    shown = page(client, hand_in_odd(wide("Student ID", *OURS[1:]), checked=False))
    assert shown.index("Student ID") < shown.index("294 columns are not read") < shown.index("Field 0")
    assert "<details>" in shown


def test_where_one_is_missing_the_others_are_open(client: Client, hand_in_odd: HandIn) -> None:
    shown = page(client, hand_in_odd(wide(*OURS), checked=False))
    assert "Not found yet: student number." in shown
    assert "<details open>" in shown


def test_one_of_the_others_is_chosen_like_any(client: Client, hand_in_odd: HandIn) -> None:
    upload = hand_in_odd(wide(*OURS), checked=False)
    names = ["number", "first_name", "last_name", "email"]
    chosen = {f"c{EXTRA + place}": name for place, name in enumerate(names)}
    assert client.post(f"/uploads/{upload.pk}/columns/", chosen).status_code == 302
    run_parts(lane="uploads")
    upload.refresh_from_db()
    assert upload.new_rows == 1
