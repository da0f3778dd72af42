"""The cookie that names a session goes when the session is ended, and at no other time."""

import pytest
from django.test import Client

from jobs.models import Person
from jobs.testing import PASSWORD, make_person, make_school
from tests.switchyard.mailed_codes import mail_the_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Person:
    return make_person(school=make_school(name="Northfield University"), email="sam@northfield.example")


def test_request_that_was_under_way_while_its_person_signed_in_does_not_sign_them_out(
    client: Client, person: Person
) -> None:
    client.post("/sign-in/", {"email": person.email, "password": PASSWORD})
    before = Client()
    before.cookies.load(client.cookies.output(header=""))
    code = mail_the_code(person)
    client.post("/sign-in/code/", {"code": code})
    refreshed = before.get("/sign-in/code/mail/")
    assert "Go on to Switchyard" in refreshed.content.decode()
    assert "hx-get" not in refreshed.content.decode()
    clicked_twice = before.post("/sign-in/code/", {"code": code})
    for late in (refreshed, clicked_twice):
        assert "sessionid" not in late.cookies


def test_signing_out_takes_the_cookie_away(client: Client, person: Person) -> None:
    client.force_login(person)
    assert client.post("/sign-out/").cookies["sessionid"].value == ""
