"""Second steps in place of the mailed code: an app, recovery codes, and roles that need one."""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from unittest import mock

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import connections
from django.test import Client
from pytest_django.fixtures import Settings

from emails.models import Code
from jobs.models import Person, Role
from jobs.testing import PASSWORD, make_person, make_school
from tests.switchyard.mailed_codes import mail_the_code
from tests.switchyard.totp import code_at

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 3, 10, 42, tzinfo=UTC)
STEP = "/account/second-step/authenticate/"
WAYS = "/account/second-step/"
APP = "/account/second-step/totp/activate/"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def person(clock: time_machine.Traveller) -> Person:
    return make_person(school=make_school(), email="sam@northfield.example")


def shown_now(secret: str, *, clock: time_machine.Traveller) -> str:
    """Let half a minute pass, so that the code is a new one, and return it."""
    clock.shift(timedelta(seconds=31))
    return code_at(secret, seconds=datetime.now(tz=UTC).timestamp())  # noqa: TID251 - the test's clock


def set_up_app(person: Person, *, clock: time_machine.Traveller) -> tuple[str, list[str]]:
    """Set up an app as a person does, and return its key and the recovery codes."""
    client = Client()
    client.force_login(person)
    asked = client.get(APP)
    assert asked["Location"] == f"/account/again/?next={APP.replace('/', '%2F')}"
    assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == APP
    found = re.search(r'<code class="whole">(\w+)</code>', client.get(APP).content.decode())
    assert found
    done = client.post(APP, {"code": shown_now(found[1], clock=clock)}, follow=True).content.decode()
    assert "10 of 10 are left." in done
    return found[1], re.findall(r"<li><code>([\d ]+)</code></li>", done)


def after_password(person: Person, *, wanted: str = "") -> Client:
    """Type the password; return who stands before the second step."""
    client = Client()
    address = f"/sign-in/?next={wanted}" if wanted else "/sign-in/"
    assert client.post(address, {"email": person.email, "password": PASSWORD})["Location"] == STEP
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_recovery_codes_are_made_anew(person: Person, clock: time_machine.Traveller) -> None:
    _, before = set_up_app(person, clock=clock)
    client = Client()
    client.force_login(person)
    client.post("/account/again/", {"password": PASSWORD})
    page = client.post("/account/second-step/recovery-codes/generate/", follow=True).content.decode()
    after = re.findall(r"<li><code>([\d ]+)</code></li>", page)
    assert len(after) == 10
    assert set(after).isdisjoint(before)


def test_app_takes_the_place_of_the_mailed_code(person: Person, clock: time_machine.Traveller) -> None:
    secret, _ = set_up_app(person, clock=clock)
    client = after_password(person, wanted="/jobs/")
    assert not is_signed_in(client)
    assert not Code.objects.exists()
    assert client.post(STEP, {"code": shown_now(secret, clock=clock)})["Location"] == "/jobs/"
    assert is_signed_in(client)


def test_address_of_another_site_is_not_gone_on_to(person: Person, clock: time_machine.Traveller) -> None:
    secret, _ = set_up_app(person, clock=clock)
    client = after_password(person, wanted="https://evil.example/")
    assert client.post(STEP, {"code": shown_now(secret, clock=clock)})["Location"] == "/"


def test_code_of_the_app_lets_in_once(person: Person, clock: time_machine.Traveller) -> None:
    secret, _ = set_up_app(person, clock=clock)
    code = shown_now(secret, clock=clock)
    assert after_password(person).post(STEP, {"code": code})["Location"] == "/"
    again = after_password(person)
    assert "used a moment ago" in again.post(STEP, {"code": code}).content.decode() or not is_signed_in(again)
    assert not is_signed_in(again)


def test_each_recovery_code_lets_in_once(person: Person, clock: time_machine.Traveller) -> None:
    _, recovery = set_up_app(person, clock=clock)
    assert len(set(recovery)) == 10
    assert after_password(person).post(STEP, {"code": recovery[0]})["Location"] == "/"
    clock.shift(timedelta(hours=1))
    again = after_password(person)
    again.post(STEP, {"code": recovery[0]})
    assert not is_signed_in(again)
    assert after_password(person).post(STEP, {"code": recovery[1]})["Location"] == "/"


@pytest.mark.django_db(transaction=True)
def test_of_twelve_codes_guessed_at_once_five_are_looked_at(
    person: Person, clock: time_machine.Traveller
) -> None:
    set_up_app(person, clock=clock)
    session = after_password(person).cookies
    together = Barrier(12, timeout=30)

    def guess(number: int) -> str:
        client = Client()
        client.cookies = session
        together.wait()
        try:
            page = client.post(STEP, {"code": f"00000{number}"}).content.decode()
        finally:
            connections.close_all()
        return "too many" if "There were too many wrong codes." in page else "wrong"

    with ThreadPoolExecutor(12) as threads:
        assert Counter(threads.map(guess, range(12))) == {"wrong": 5, "too many": 7}


def test_person_with_an_app_is_not_let_in_by_a_code_mailed_before(
    person: Person, clock: time_machine.Traveller
) -> None:
    client = Client()
    client.post("/sign-in/", {"email": person.email, "password": PASSWORD})
    set_up_app(person, clock=clock)
    assert client.post("/sign-in/code/", {"code": mail_the_code(person)})["Location"] == STEP
    assert not is_signed_in(client)


def test_keys_are_kept_encrypted_and_outlive_a_new_secret_key(
    person: Person, clock: time_machine.Traveller, settings: Settings
) -> None:
    secret, _ = set_up_app(person, clock=clock)
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    client = after_password(person)
    assert client.post(STEP, {"code": shown_now(secret, clock=clock)})["Location"] == "/"


def test_role_that_needs_a_second_step_sets_it_up_first(
    clock: time_machine.Traveller, settings: Settings
) -> None:
    ops, staff = make_person(role=Role.OPS), make_person()
    settings.SECOND_STEP_FOR = ["ops", "admin"]
    client, other = Client(), Client()
    client.force_login(ops)
    other.force_login(staff)
    assert is_signed_in(other)
    assert client.get("/ops/")["Location"] == WAYS
    assert client.get("/ops/lanes/", headers={"HX-Request": "true"})["HX-Redirect"] == WAYS
    assert "Please set up one of them." in client.get(WAYS).content.decode()
    secret, _ = set_up_app(ops, clock=clock)
    assert client.get("/ops/").status_code == 200
    removal = "/account/second-step/totp/deactivate/"
    client.post("/account/again/", {"password": PASSWORD})
    assert "Set up another one before" in client.post(removal).content.decode()
    assert Authenticator.objects.filter(user=ops, type="totp").exists()
    settings.SECOND_STEP_FOR = []
    assert client.post(removal)["Location"] == WAYS
    assert secret


@pytest.mark.parametrize(
    "path",
    ["", "totp/activate/", "recovery-codes/", "webauthn/", "webauthn/add/", "webauthn/keys/1/remove/"],
)
def test_strangers_are_led_to_sign_in(path: str) -> None:
    assert Client().get(WAYS + path)["Location"].startswith("/sign-in/?next=")


def test_passkeys_of_others_are_not_found(person: Person) -> None:
    other = make_person()
    key = Authenticator.objects.create(user=other, type="webauthn", data={"name": "Key", "credential": {}})
    client = Client()
    client.force_login(person)
    client.post("/account/again/", {"password": PASSWORD})
    for verb in ("remove", "edit"):
        assert client.get(f"{WAYS}webauthn/keys/{key.pk}/{verb}/").status_code == 404


@pytest.mark.parametrize(
    ("opened", "site", "said"),
    [
        (
            "127.0.0.1:8000",
            "http://localhost:8000",
            "http://localhost:8000/account/second-step/webauthn/add/",
        ),
        ("[::1]:8000", "", "Open this platform by its name"),
        ("127.0.0.1:8000", "http://10.1.2.3", "Open this platform by its name"),
    ],
)
def test_page_opened_by_an_ip_address_says_why_no_passkey_can_be_made(
    person: Person, settings: Settings, opened: str, site: str, said: str
) -> None:
    settings.SITE_URL = site
    client = Client(headers={"Host": opened})
    client.force_login(person)
    client.post("/account/again/", {"password": PASSWORD})
    page = client.get(f"{WAYS}webauthn/add/").content.decode()
    assert "this page was opened by an IP address" in page
    assert said in page
    assert 'id="passkey-add"' not in page


def test_pages_of_passkeys_say_what_to_do(person: Person) -> None:
    client = Client()
    client.force_login(person)
    assert "Set up an app" in client.get(WAYS).content.decode()
    assert "You have no passkeys." in client.get(f"{WAYS}webauthn/").content.decode()
    client.post("/account/again/", {"password": PASSWORD})
    page = client.get(f"{WAYS}webauthn/add/").content.decode()
    assert 'id="passkey-add"' in page
    assert "IP address" not in page
    assert 'id="passkey-use"' in Client().get("/sign-in/").content.decode()
    assert Client().get(f"{WAYS}webauthn/login/", headers={"Accept": "application/json"}).status_code == 200


def test_second_step_asks_for_what_the_person_has(person: Person, clock: time_machine.Traveller) -> None:
    key = Authenticator.objects.create(
        user=person,
        type="webauthn",
        data={"name": "Key", "credential": {"id": "AAAA", "rawId": "AAAA", "response": {}}},
    )
    with mock.patch("allauth.mfa.webauthn.internal.auth.begin_authentication", return_value={}):
        page = after_password(person).get(STEP).content.decode()
        assert "Show that it is you, with your passkey." in page
        assert "One of your recovery codes." in page
        assert 'id="passkey-use"' in page
        key.delete()
        set_up_app(person, clock=clock)
        page = after_password(person).get(STEP).content.decode()
    assert "Show that it is you, with your app." in page
    assert "The six digits that your app shows now" in page
    assert 'id="passkey-use"' not in page


@pytest.mark.django_db(transaction=True)
def test_first_recovery_codes_replace_none(person: Person, clock: time_machine.Traveller) -> None:
    client = Client()
    client.force_login(person)
    client.post("/account/again/", {"password": PASSWORD})
    found = re.search(r'<code class="whole">(\w+)</code>', client.get(APP).content.decode())
    assert found
    page = client.post(APP, {"code": shown_now(found[1], clock=clock)}, follow=True).content.decode()
    assert "Here are your recovery codes." in page
    assert "old ones" not in page
