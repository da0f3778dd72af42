"""Signing in with a school's own SAML provider, which signs real assertions."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.test import Client

from emails.models import Code
from jobs.models import Person, PersonEvent, School
from tests.switchyard.saml.identity import TRANSIENT, Identity
from tests.switchyard.saml.steps import come_in, configure, is_signed_in

pytestmark = pytest.mark.django_db

EMAIL_NAME = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"


def test_invited_person_comes_in_without_a_password_or_a_code(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    client, page = come_in(school, provider, wanted="/jobs/")
    assert page["Location"] == "/jobs/"
    assert client.get("/").context["user"] == noor
    assert not Code.objects.exists()
    assert PersonEvent.objects.filter(about=noor, what__contains="for the first time").count() == 1
    assert SocialAccount.objects.get().extra_data == {}


def test_nothing_of_the_answer_stays_behind(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    come_in(school, provider)
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert not any("said" in each for each in kept)


def test_person_is_known_again_by_what_the_provider_calls_them(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    come_in(school, provider)
    provider.address = "noor.haddad@northfield.example"
    client, page = come_in(school, provider)
    assert page["Location"] == "/"
    assert is_signed_in(client)
    assert SocialAccount.objects.count() == 1


def test_name_that_changes_each_time_is_not_kept(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    provider.format = TRANSIENT
    for name in ("one", "another"):
        provider.name = name
        assert is_signed_in(come_in(school, provider)[0])
    assert SocialAccount.objects.get().uid == "noor@northfield.example"


def test_address_may_stand_in_the_name(ready: None, school: School, noor: Person, provider: Identity) -> None:
    provider.attribute, provider.format, provider.name = "room", EMAIL_NAME, "noor@northfield.example"
    assert is_signed_in(come_in(school, provider)[0])


def test_address_may_stand_in_an_attribute_of_the_schools_own(
    admin: Client, school: School, noor: Person, provider: Identity
) -> None:
    configure(admin, school, provider, address_attribute="post")
    provider.attribute = "post"
    assert is_signed_in(come_in(school, provider)[0])


def test_person_with_an_app_is_asked_for_it_too(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    Authenticator.objects.create(user=noor, type="totp", data={"secret": "x"})
    client, page = come_in(school, provider)
    assert page["Location"] == "/account/second-step/authenticate/"
    assert not is_signed_in(client)
