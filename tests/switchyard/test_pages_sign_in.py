"""Signing in: a password, then the code from the mail."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from emails import codes
from emails.models import Code, CodeState
from jobs.clients import network_of
from jobs.models import FamiliarNetwork, Job, JobState, Part, PartState, Person, Role
from jobs.testing import PASSWORD, make_person, make_school
from tests.switchyard.mailed_codes import mail_the_code

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 3, 10, 42, tzinfo=UTC)
Enter = Callable[..., str]


@pytest.fixture
def person() -> Person:
    return make_person(school=make_school(name="Northfield University"), email="sam@northfield.example")


@pytest.fixture
def at_code_page(client: Client, person: Person) -> Client:
    response = client.post("/sign-in/", {"email": person.email, "password": PASSWORD})
    assert response["Location"] == "/sign-in/code/"
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_right_password_and_right_code_sign_in(at_code_page: Client, person: Person) -> None:
    assert not is_signed_in(at_code_page)
    session_before = at_code_page.session.session_key
    code = mail_the_code(person)
    response = at_code_page.post("/sign-in/code/", {"code": f" {code[:3]} {code[3:]} "})
    assert response["Location"] == "/"
    assert is_signed_in(at_code_page)
    assert at_code_page.session.session_key != session_before
    assert "confirming" not in at_code_page.session


def test_network_that_a_person_came_in_from_is_noted(at_code_page: Client, person: Person) -> None:
    assert not FamiliarNetwork.objects.exists()
    at_code_page.post("/sign-in/code/", {"code": mail_the_code(person)})
    assert FamiliarNetwork.objects.get(person=person).network == network_of("127.0.0.1")


def test_address_may_be_typed_in_capitals(client: Client, person: Person) -> None:
    response = client.post("/sign-in/", {"email": "SAM@Northfield.example", "password": PASSWORD})
    assert response["Location"] == "/sign-in/code/"
    assert Code.objects.filter(person=person).count() == 1


@pytest.mark.parametrize("email", ["sam@northfield.example", "nobody@northfield.example"])
def test_wrong_password_and_unknown_address_get_the_same_answer(
    client: Client, person: Person, email: str
) -> None:
    response = client.post("/sign-in/", {"email": email, "password": "wrong"})
    page = response.content.decode()
    assert "The e-mail address and the password do not fit together." in page
    # The first in the page wins: here it is the notice, not the field below it.
    assert page.index('role="alert" tabindex="-1" autofocus') < page.index('name="email"')
    assert not Code.objects.filter(person=person).exists()


def test_person_who_left_cannot_sign_in(client: Client, person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=False)
    response = client.post("/sign-in/", {"email": person.email, "password": PASSWORD})
    assert "do not fit together" in response.content.decode()


def test_wrong_code_gets_a_sentence_and_no_session(at_code_page: Client, person: Person) -> None:
    right = mail_the_code(person)
    wrong = "000000" if right != "000000" else "111111"
    page = at_code_page.post("/sign-in/code/", {"code": wrong}).content.decode()
    assert "That is not the code from the newest mail." in page
    assert not is_signed_in(at_code_page)


def test_code_that_is_not_six_digits_costs_no_try(at_code_page: Client, person: Person) -> None:
    mail_the_code(person)
    page = at_code_page.post("/sign-in/code/", {"code": "12345a"}).content.decode()
    assert "six digits" in page
    assert Code.objects.get(person=person).tries == 0


def test_expired_code_gets_a_sentence(at_code_page: Client, person: Person) -> None:
    code = mail_the_code(person)
    Code.objects.filter(person=person).update(expires_at=NOW)
    page = at_code_page.post("/sign-in/code/", {"code": code}).content.decode()
    assert "has expired" in page
    assert not is_signed_in(at_code_page)


def test_code_page_says_where_the_mail_stands(at_code_page: Client, person: Person) -> None:
    page = at_code_page.get("/sign-in/code/").content.decode()
    assert "s…@northfield.example" in page
    assert person.email not in page
    assert "waiting its turn" in page
    assert 'hx-get="/sign-in/code/mail/"' in page
    mail_the_code(person)
    Code.objects.filter(person=person).update(sent_at=NOW)
    part = at_code_page.get("/sign-in/code/mail/").content.decode()
    assert "Handed to the mail server at" in part
    assert "10:42:00" in part
    assert "hx-get" not in part


def part_of_newest_code(**changes: object) -> None:
    part = Part.objects.latest("id")
    Part.objects.filter(pk=part.pk).update(**changes)


@pytest.mark.parametrize(("seconds", "slow"), [(1, 0), (6, 1)])
def test_code_that_is_handed_over_right_now_waits_no_longer(
    at_code_page: Client, seconds: int, slow: int
) -> None:
    now = timezone.now()
    part_of_newest_code(
        state=PartState.WORKING,
        claimed_at=now - timedelta(seconds=seconds),
        leased_until=now + timedelta(seconds=10),
    )
    said = at_code_page.get("/sign-in/code/mail/").content.decode()
    assert "is being handed to the mail server." in said
    assert said.count("The mail server takes its time.") == slow
    assert "waiting its turn" not in said
    assert "worked on" not in said


def test_code_whose_mail_server_does_not_answer_says_when_it_is_tried_again(at_code_page: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        session = at_code_page.session
        session["confirming"] = {**session["confirming"], "asked_at": NOW.isoformat()}
        session.save()
        part_of_newest_code(attempt=1, ready_at=NOW + timedelta(seconds=12))
        said = at_code_page.get("/sign-in/code/mail/").content.decode()
    assert "The mail server has not taken the mail with your code yet." in said
    assert "tried again in 12 seconds" in said
    assert "waiting its turn" not in said


@pytest.mark.parametrize(("waited", "offers"), [(30, False), (90, True)])
def test_code_that_is_put_off_for_long_may_be_asked_for_anew(
    at_code_page: Client, *, waited: int, offers: bool
) -> None:
    now = timezone.now()
    Job.objects.update(created_at=now - timedelta(seconds=waited))
    part_of_newest_code(attempt=7, ready_at=now + timedelta(minutes=5))
    said = at_code_page.get("/sign-in/code/mail/").content.decode()
    assert ("A click on “Send a new code” may help." in said) is offers


def test_code_mail_that_was_refused_is_said(at_code_page: Client, person: Person) -> None:
    job = codes.request_code(person=person, now=timezone.now() + timedelta(minutes=1))
    session = at_code_page.session
    session["confirming"] = {**session["confirming"], "job": job.pk}
    session.save()
    type(job).objects.filter(pk=job.pk).update(
        state=JobState.FAILED, error="The relay refused the code's mail.", ended_at=NOW
    )
    part = at_code_page.get("/sign-in/code/mail/").content.decode()
    assert "could not be sent. The relay refused the code&#x27;s mail. A click on “Send a new code”" in part


def test_new_code_may_be_asked_for_after_thirty_seconds(client: Client, person: Person) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        client.post("/sign-in/", {"email": person.email, "password": PASSWORD})
        early = client.post("/sign-in/code/again/", follow=True).content.decode()
        assert "Please wait 30 seconds before you ask for another code." in early
        assert Code.objects.filter(person=person).count() == 1
        clock.shift(timedelta(seconds=30))
        later = client.post("/sign-in/code/again/", follow=True).content.decode()
        assert "A new code is on its way" in later
    assert list(Code.objects.filter(person=person).values_list("state", flat=True)) == [
        CodeState.WAITING,
        CodeState.REPLACED,
    ]


def test_typing_the_password_again_at_once_sends_no_second_mail(at_code_page: Client, person: Person) -> None:
    at_code_page.post("/sign-in/", {"email": person.email, "password": PASSWORD})
    assert Code.objects.filter(person=person).count() == 1


def test_second_browser_waits_for_the_code_that_is_on_its_way(
    at_code_page: Client, person: Person, client: Client
) -> None:
    second = Client()
    response = second.post("/sign-in/", {"email": person.email, "password": PASSWORD})
    assert response["Location"] == "/sign-in/code/"
    assert Code.objects.filter(person=person).count() == 1
    assert second.post("/sign-in/code/", {"code": mail_the_code(person)})["Location"] == "/"


def test_too_many_codes_say_so_and_keep_what_was_typed(
    client: Client, person: Person, settings: Settings
) -> None:
    settings.CODES = {"person_hourly": 1}
    with time_machine.travel(NOW, tick=False) as clock:
        client.post("/sign-in/", {"email": person.email, "password": PASSWORD})
        clock.shift(timedelta(minutes=5))
        response = client.post("/sign-in/", {"email": person.email, "password": PASSWORD})
    assert response.status_code == HTTPStatus.TOO_MANY_REQUESTS
    page = response.content.decode()
    assert "Another one may be asked for in 55 minutes." in page
    assert f'value="{person.email}"' in page


@pytest.mark.parametrize(("behind_proxy", "seen"), [(True, "203.0.113.9"), (False, "127.0.0.1")])
def test_network_is_the_one_that_our_proxy_saw(
    client: Client, person: Person, settings: Settings, *, behind_proxy: bool, seen: str
) -> None:
    settings.BEHIND_PROXY = behind_proxy
    client.post(
        "/sign-in/",
        {"email": person.email, "password": PASSWORD},
        headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"},
    )
    assert Code.objects.get().network == network_of(seen)


def test_half_signed_in_person_is_forgotten_after_an_hour(client: Client, person: Person) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        client.post("/sign-in/", {"email": person.email, "password": PASSWORD})
        clock.shift(timedelta(minutes=61))
        assert client.get("/sign-in/code/")["Location"] == "/sign-in/"


@pytest.mark.parametrize(("method", "address"), [("get", "/sign-in/code/"), ("post", "/sign-in/code/again/")])
def test_code_page_without_a_password_leads_to_sign_in(client: Client, method: str, address: str) -> None:
    assert getattr(client, method)(address)["Location"] == "/sign-in/"


@pytest.mark.parametrize(
    ("wanted", "reached"), [("/jobs/", "/jobs/"), ("https://evil.example/", "/"), ("//evil.example", "/")]
)
def test_only_addresses_of_this_site_are_gone_on_to(
    client: Client, person: Person, wanted: str, reached: str
) -> None:
    client.post("/sign-in/", {"email": person.email, "password": PASSWORD}, query_params={"next": wanted})
    response = client.post("/sign-in/code/", {"code": mail_the_code(person)})
    assert response["Location"] == reached


def test_ops_without_a_school_sign_in_too(client: Client) -> None:
    ops = make_person(role=Role.OPS)
    client.post("/sign-in/", {"email": ops.email, "password": PASSWORD})
    assert client.post("/sign-in/code/", {"code": mail_the_code(ops)})["Location"] == "/"


def test_yard_links_to_its_mailbox_and_others_do_not(at_code_page: Client, settings: Settings) -> None:
    settings.MAIL_CATCHER_FOLDER = "/somewhere"
    assert "/mailbox/" in at_code_page.get("/sign-in/code/").content.decode()
    settings.MAIL_CATCHER_FOLDER = ""
    assert "/mailbox/" not in at_code_page.get("/sign-in/code/").content.decode()


def test_sign_out_needs_a_post(client: Client, person: Person) -> None:
    client.force_login(person)
    assert client.get("/sign-out/").status_code == 405
    assert is_signed_in(client)
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert not is_signed_in(client)


def test_code_page_costs_few_queries(
    at_code_page: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(10):
        at_code_page.get("/sign-in/code/mail/")


def test_what_was_left_out_is_named(at_code_page: Client) -> None:
    page = Client().post("/sign-in/", {"email": ""}).content.decode()
    assert "Type your e-mail address." in page
    assert "Type your password." in page
    assert (
        "Type the six digits of the code."
        in at_code_page.post("/sign-in/code/", {"code": ""}).content.decode()
    )
