"""Signing in with a school's own OpenID Connect provider, over real HTTP."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.test import Client

from emails.models import Code
from jobs.models import Person, PersonEvent, Role, School
from jobs.testing import make_person, make_school
from tests.switchyard.oidc_provider import CLIENT_ID, SECRET, Provider, running_provider

pytestmark = pytest.mark.django_db

NOOR = {"sub": "n-17", "email": "Noor@northfield.example", "email_verified": True, "name": "Noor Haddad"}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        running.claims = dict(NOOR)
        yield running


@pytest.fixture
def school() -> School:
    return make_school(name="Northfield University")


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_person(role=Role.ADMIN))
    return client


def configure(admin: Client, school: School, provider: Provider, **changes: str) -> None:
    """Set the school's provider on the admin's page."""
    sent = {"issuer": provider.issuer, "client_id": CLIENT_ID, "secret": SECRET, **changes}
    assert admin.post(f"/people/providers/{school.slug}/", sent)["Location"] == "/people/providers/"


@pytest.fixture
def ready(admin: Client, school: School, provider: Provider) -> None:
    configure(admin, school, provider)


@pytest.fixture
def noor(school: School) -> Person:
    person = make_person(school=school, email="noor@northfield.example")
    person.set_unusable_password()
    person.save()
    return person


def come_in(school: School, *, wanted: str = "") -> tuple[Client, int, str]:
    """Click through the provider; return the browser, the status and where it is led, or the page."""
    client = Client()
    begun = client.post(f"/account/school/{school.slug}/login/?next={wanted}")
    assert begun.status_code == 302, begun.content.decode()
    back = requests.get(begun["Location"], allow_redirects=False, timeout=10).headers["Location"]
    parts = urlsplit(back)
    answer = client.get(f"{parts.path}?{parts.query}")
    return client, answer.status_code, answer.get("Location") or answer.content.decode()


def is_signed_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_invited_person_comes_in_without_a_password_or_a_code(
    ready: None, school: School, noor: Person, provider: Provider
) -> None:
    client, _, place = come_in(school, wanted="/jobs/")
    assert provider.problems == []
    assert place == "/jobs/"
    assert is_signed_in(client)
    assert client.get("/").context["user"] == noor
    assert not Code.objects.exists()
    assert PersonEvent.objects.filter(about=noor, what__contains="for the first time").count() == 1


def test_person_is_known_again_by_what_the_provider_calls_them(
    ready: None, school: School, noor: Person, provider: Provider
) -> None:
    come_in(school)
    provider.claims["email"] = "noor.haddad@northfield.example"
    client, _, place = come_in(school)
    assert place == "/"
    assert is_signed_in(client)
    assert SocialAccount.objects.count() == 1


@pytest.mark.usefixtures("ready", "noor")
@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"email": "stranger@northfield.example"}, "Nobody has invited you yet"),
        ({"email_verified": False}, "says that your e-mail address noor@northfield.example is not verified"),
        ({"email": ""}, "It does not name your e-mail address"),
    ],
)
def test_who_is_not_let_in_is_told_why(
    school: School, provider: Provider, claims: dict[str, object], reason: str
) -> None:
    provider.claims |= claims
    client, status, page = come_in(school)
    assert status == 403
    assert reason in page
    assert page.count("Nobody has invited you yet") == reason.count("Nobody has invited you yet")
    assert not is_signed_in(client)
    assert Person.objects.count() == 2
    assert not SocialAccount.objects.exists()


def test_provider_of_one_school_lets_in_nobody_of_another(
    ready: None, school: School, provider: Provider
) -> None:
    stranger = make_person(email="ruth@lakeside.example")
    provider.claims["email"] = stranger.email
    client, status, _ = come_in(school)
    assert status == 403
    assert not is_signed_in(client)


@pytest.mark.parametrize("role", [Role.OPS, Role.ADMIN])
def test_provider_of_a_school_lets_in_nobody_of_the_platform(
    ready: None, school: School, provider: Provider, role: Role
) -> None:
    provider.claims["email"] = make_person(role=role).email
    assert come_in(school)[1] == 403


def test_person_who_left_or_changed_schools_does_not_come_in(
    ready: None, school: School, noor: Person
) -> None:
    come_in(school)
    Person.objects.filter(pk=noor.pk).update(is_active=False)
    assert come_in(school)[1] == 403
    Person.objects.filter(pk=noor.pk).update(is_active=True, school=make_school())
    assert come_in(school)[1] == 403


def test_school_may_vouch_for_addresses_in_its_provider_s_place(
    admin: Client, school: School, noor: Person, provider: Provider
) -> None:
    configure(admin, school, provider, trusts_addresses="on")
    del provider.claims["email_verified"]
    assert come_in(school)[2] == "/"


def test_person_with_an_app_is_asked_for_it_too(ready: None, school: School, noor: Person) -> None:
    Authenticator.objects.create(user=noor, type="totp", data={"secret": "x"})
    client, _, place = come_in(school)
    assert place == "/account/second-step/authenticate/"
    assert not is_signed_in(client)


def test_token_for_somebody_else_is_not_taken(
    ready: None, school: School, noor: Person, provider: Provider
) -> None:
    provider.audience = "another client"
    client, _, page = come_in(school)
    assert "You are not signed in" in page
    assert not is_signed_in(client)


def test_answer_that_nobody_asked_for_is_not_taken(ready: None, school: School, noor: Person) -> None:
    client = Client()
    page = client.get(
        f"/account/school/{school.slug}/login/callback/?code=one&state=made-up"
    ).content.decode()
    assert "You are not signed in" in page
    assert not is_signed_in(client)


def test_provider_that_is_away_is_said(ready: None, school: School, provider: Provider) -> None:
    SocialApp.objects.update(
        settings={**SocialApp.objects.get().settings, "server_url": "http://127.0.0.1:1"}
    )
    answer = Client().post(f"/account/school/{school.slug}/login/")
    assert answer.status_code == 502
    assert "did not answer" in answer.content.decode()


def test_secret_is_kept_encrypted_and_an_empty_field_keeps_it(
    admin: Client, school: School, noor: Person, provider: Provider
) -> None:
    configure(admin, school, provider)
    assert SECRET not in str(list(SocialApp.objects.values()))
    configure(admin, school, provider, secret="")
    assert come_in(school)[2] == "/"
    assert SECRET not in admin.get(f"/people/providers/{school.slug}/").content.decode()


def test_new_provider_knows_nobody_by_the_old_one_s_names(
    admin: Client, ready: None, school: School, noor: Person, provider: Provider
) -> None:
    come_in(school)
    configure(admin, school, provider, issuer=f"{provider.issuer}/.well-known/openid-configuration")
    assert not SocialAccount.objects.exists()
    provider.claims["email"] = "somebody@northfield.example"
    assert come_in(school)[1] == 403


def test_page_of_signing_in_offers_the_schools_that_have_one(
    admin: Client, ready: None, school: School
) -> None:
    assert "Sign in with your school" in Client().get("/sign-in/").content.decode()
    admin.post(f"/people/providers/{school.slug}/remove/")
    assert "Sign in with your school" not in Client().get("/sign-in/").content.decode()
    assert Client().post(f"/account/school/{school.slug}/login/").status_code == 404


@pytest.mark.parametrize("role", ["staff", "manager", "auditor", "ops"])
def test_only_admins_of_the_platform_set_providers(school: School, role: str) -> None:
    client = Client()
    client.force_login(make_person(role=role, school=None if role == "ops" else school))
    assert client.get("/people/providers/").status_code == 403
    assert (
        client.post(f"/people/providers/{school.slug}/", {"issuer": "https://x.example"}).status_code == 403
    )


def test_provider_without_tls_is_refused(admin: Client, school: School) -> None:
    sent = {"issuer": "http://login.example", "client_id": "x", "secret": "y"}
    answer = admin.post(f"/people/providers/{school.slug}/", sent)
    assert "begins with https://" in answer.content.decode()


def test_list_of_schools_names_their_providers(
    admin: Client, ready: None, school: School, provider: Provider
) -> None:
    without = make_school(name="Southfield College")
    page = admin.get("/people/providers/").content.decode()
    assert f"</a> · {provider.issuer}</li>" in page
    assert f"{without.name}</a> · <span" in page


def test_school_that_is_off_offers_no_sign_in_and_says_why_to_who_comes_anyway(
    ready: None, school: School, noor: Person
) -> None:
    button = f"/account/school/{school.slug}/login/"
    assert button in Client().get("/sign-in/").content.decode()
    School.objects.filter(pk=school.pk).update(is_on=False)
    assert button not in Client().get("/sign-in/").content.decode()
    client, status, page = come_in(school)
    assert status == 403
    assert "Your school is switched off on this platform." in page
    assert not is_signed_in(client)
