"""The page on which administrators set a school's SAML provider."""

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.test import Client
from lxml import etree

from jobs.models import Person, School
from jobs.testing import make_person
from tests.switchyard.saml.identity import Identity, Key
from tests.switchyard.saml.steps import come_in, configure, is_signed_in

pytestmark = pytest.mark.django_db

ENTITY = b'<!DOCTYPE r [<!ENTITY e "x">]><r>&e;</r>'


def test_page_of_signing_in_leads_to_the_provider(ready: None, school: School, provider: Identity) -> None:
    page = Client().get("/sign-in/").content.decode()
    assert f'action="/account/school/{school.slug}/saml/login/?next="' in page


def test_metadata_of_ours_tell_what_the_provider_needs(school: School) -> None:
    told = Client().get(f"/account/school/{school.slug}/saml/")
    root = etree.fromstring(told.content)
    assert root.get("entityID") == f"http://testserver/account/school/{school.slug}/saml/"
    assert b'WantAssertionsSigned="true"' in told.content
    assert f"http://testserver/account/school/{school.slug}/saml/answer/".encode() in told.content
    assert root.get("validUntil") is None
    assert Client().get("/account/school/no-such-school/saml/").status_code == 200


def test_three_fields_do_as_well_as_metadata(
    admin: Client, school: School, noor: Person, provider: Identity
) -> None:
    typed = {
        "entity_id": provider.entity_id,
        "sign_in_url": provider.location,
        "certificates": Key().certificate + provider.key.certificate,
    }
    assert configure(admin, school, provider, metadata="", **typed).status_code == 302
    assert is_signed_in(come_in(school, provider)[0])
    page = admin.get(f"/people/providers/{school.slug}/").content.decode()
    assert provider.key.certificate.strip() in page
    assert "A certificate that is set ends on" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"metadata": "https://idp.example/metadata"}, "This is not XML"),
        ({"metadata": ENTITY.decode()}, "This is not XML"),
        ({"metadata": "<a/>"}, "describe 0 identity providers"),
        ({"metadata": ""}, "metadata above, or fill this in"),
        ({"domains": "@northfield"}, "@northfield is no domain"),
        ({"domains": ""}, "This field is required"),
    ],
)
def test_what_cannot_be_used_is_said(
    admin: Client, school: School, provider: Identity, changes: dict[str, str], sentence: str
) -> None:
    page = configure(admin, school, provider, **changes)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not SocialApp.objects.exists()


def test_metadata_of_several_providers_are_refused(admin: Client, school: School, provider: Identity) -> None:
    both = f'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{provider.metadata * 2}'
    page = configure(admin, school, provider, metadata=f"{both}</md:EntitiesDescriptor>")
    assert "describe 2 identity providers" in page.content.decode()


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        (("HTTP-Redirect", "HTTP-POST"), "name, its certificate, or its address"),
        (("https://idp.northfield.example/sso", "http://idp.northfield.example/sso"), "begins with https://"),
        (("https://idp.northfield.example/sso", "javascript:alert(1)"), "begins with https://"),
        (("<ds:X509Certificate>MII", "<ds:X509Certificate>AAA"), "This is no certificate"),
    ],
)
def test_metadata_that_lack_something_are_refused(
    admin: Client, school: School, provider: Identity, part: tuple[str, str], sentence: str
) -> None:
    changed = provider.metadata.replace(*part)
    assert changed != provider.metadata
    assert sentence in configure(admin, school, provider, metadata=changed).content.decode()
    assert not SocialApp.objects.exists()


def test_one_provider_takes_the_place_of_the_other(
    ready: None, admin: Client, school: School, noor: Person, provider: Identity
) -> None:
    come_in(school, provider)
    sent = {"issuer": "https://login.northfield.example", "client_id": "x", "secret": "y"}
    admin.post(f"/people/providers/{school.slug}/", sent)
    assert not SocialAccount.objects.exists()
    assert SocialApp.objects.get().provider == "openid_connect"
    assert Client().post(f"/account/school/{school.slug}/saml/login/").status_code == 404
    configure(admin, school, provider)
    assert SocialApp.objects.get().provider == "saml"
    assert is_signed_in(come_in(school, provider)[0])
    assert Client().post(f"/account/school/{school.slug}/login/").status_code == 404


@pytest.mark.parametrize("role", ["staff", "manager", "auditor", "ops"])
def test_only_admins_of_the_platform_set_providers(school: School, provider: Identity, role: str) -> None:
    client = Client()
    client.force_login(make_person(role=role, school=None if role == "ops" else school))
    assert configure(client, school, provider).status_code == 403
    assert not SocialApp.objects.exists()
