"""Answers of a SAML provider that are not believed, each with its sentence."""

import base64
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from onelogin.saml2.constants import OneLogin_Saml2_Constants

from jobs.models import Person, Role, School
from jobs.testing import make_person, make_school
from tests.switchyard.saml.identity import Identity, Key, Request
from tests.switchyard.saml.steps import assert_refused, begin, come_in, configure, hand_over, is_signed_in

pytestmark = pytest.mark.django_db

DENIED = "urn:oasis:names:tc:SAML:2.0:status:Responder"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
ENTITY = b'<!DOCTYPE r [<!ENTITY e "x">]><r>&e;</r>'


def test_answer_without_an_address_is_refused(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    provider.attribute = "room"
    assert_refused(*come_in(school, provider), "does not name your e-mail address")


def test_whom_nobody_invited_is_told_so(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    provider.address = "stranger@northfield.example"
    assert_refused(*come_in(school, provider), "Nobody has invited you yet")


def test_signature_of_another_key_is_refused(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    provider.key = Key()
    assert_refused(*come_in(school, provider), "not signed with a certificate that is set here")


@pytest.mark.parametrize("signs", ["", "response"])
def test_assertion_without_a_signature_of_its_own_is_refused(
    ready: None, school: School, noor: Person, provider: Identity, signs: str
) -> None:
    provider.signs = signs
    assert_refused(*come_in(school, provider), "not signed with a certificate that is set here")


def test_signature_by_an_algorithm_that_is_broken_is_refused(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    provider.algorithm = OneLogin_Saml2_Constants.RSA_SHA1
    assert_refused(*come_in(school, provider), "not signed with a certificate that is set here")


def test_assertion_that_was_changed_on_its_way_is_refused(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    make_person(school=school, email="dean@northfield.example", role=Role.MANAGER)
    client, request = begin(school, provider)
    forged = provider.response(request).replace("Noor@northfield", "dean@northfield")
    page = hand_over(client, request, base64.b64encode(forged.encode()).decode())
    assert_refused(client, page, "not signed with a certificate that is set here")


def test_second_assertion_wrapped_around_the_signed_one_is_refused(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    client, request = begin(school, provider)
    provider.address = "dean@northfield.example"
    forged = provider.assertion(request)
    answer = provider.response(request).replace("</samlp:Status>", f"</samlp:Status>{forged}")
    page = hand_over(client, request, base64.b64encode(answer.encode()).decode())
    assert_refused(client, page, "could not be read")


def test_digest_that_wants_a_program_run_is_refused(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    client, request = begin(school, provider)
    answer = provider.response(request).replace("http://www.w3.org/2000/09/xmldsig#enveloped-signature", XSLT)
    page = hand_over(client, request, base64.b64encode(answer.encode()).decode())
    assert_refused(client, page, "could not be read")


@pytest.mark.usefixtures("ready", "noor")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"audience": "https://elsewhere.example/saml"}, "meant for another service"),
        ({"has_audience": False}, "meant for another service"),
        ({"recipient": "https://elsewhere.example/answer"}, "answers no sign-in that you began"),
        ({"confirms": False}, "answers no sign-in that you began"),
        ({"age": timedelta(minutes=15)}, "too old"),
        ({"age": timedelta(minutes=-15)}, "too old"),
        ({"entity_id": "https://idp.lakeside.example/idp"}, "comes from another provider"),
        ({"status": DENIED}, "did not let you in"),
        ({"address": "noor@lakeside.example"}, "in none of the domains"),
        ({"address": "noor@northfield.example.evil.example"}, "in none of the domains"),
        ({"name": "n" * 192}, "could not be read"),
    ],
)
def test_answer_that_does_not_hold_is_refused(
    school: School, provider: Identity, changes: dict[str, Any], sentence: str
) -> None:
    for name, value in changes.items():
        setattr(provider, name, value)
    assert_refused(*come_in(school, provider), sentence)


def test_answer_serves_once(ready: None, school: School, noor: Person, provider: Identity) -> None:
    client, request = begin(school, provider)
    answer = provider.answer(request)
    assert hand_over(client, request, answer).status_code == 302
    client.post("/sign-out/")
    page = hand_over(client, request, answer)
    assert page.status_code == 403
    assert "has been used already" in page.content.decode()
    assert not is_signed_in(client)


def test_answer_serves_no_other_browser(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    _, request = begin(school, provider)
    stranger, theirs = begin(school, provider)
    page = hand_over(stranger, request, provider.answer(request))
    assert_refused(stranger, page, "answers no sign-in that you began in this browser")
    answer = provider.answer(request).encode()
    renamed = base64.b64decode(answer).replace(request.id.encode(), theirs.id.encode(), 1)
    page = hand_over(stranger, request, base64.b64encode(renamed).decode())
    assert_refused(stranger, page, "answers no sign-in that you began in this browser")


def test_answer_that_nobody_asked_for_is_refused(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    _, request = begin(school, provider)
    client = Client()
    assert_refused(client, hand_over(client, request, provider.answer(request)), "answers no sign-in")


@pytest.mark.parametrize(
    "sent", ["", "!", "bm8=", base64.b64encode(ENTITY).decode(), base64.b64encode(b"<a/>").decode(), "\u20ac"]
)
def test_answer_that_is_none_is_refused(
    ready: None, school: School, noor: Person, provider: Identity, sent: str
) -> None:
    client, request = begin(school, provider)
    assert_refused(client, hand_over(client, request, sent), "could not be read")
    assert Session.objects.count() == 2, "strangers' answers leave sessions behind"


def test_provider_of_another_school_vouches_for_nobody_here(
    ready: None, admin: Client, school: School, noor: Person, provider: Identity
) -> None:
    lakeside = make_school(name="Lakeside College")
    theirs = Identity(entity_id="https://idp.lakeside.example/idp")
    configure(admin, lakeside, theirs, domains="northfield.example")
    assert_refused(*come_in(lakeside, theirs), "Nobody has invited you yet")
    client, request = begin(school, provider)
    theirs.entity_id = provider.entity_id
    assert_refused(client, hand_over(client, request, theirs.answer(request)), "not signed with")


def test_answer_taken_for_one_school_lets_in_nobody_at_another(
    ready: None, admin: Client, school: School, noor: Person, provider: Identity
) -> None:
    """A school that runs its own provider may let it answer requests of others, and change addresses."""
    lakeside, theirs = (
        make_school(name="Lakeside College"),
        Identity(entity_id="https://idp.lakeside.example/"),
    )
    configure(admin, lakeside, theirs)
    client, request = begin(school, provider)
    answer_to = request.answer_to.replace(school.slug, lakeside.slug)
    about = answer_to.removesuffix("answer/")
    sent = client.post(
        urlsplit(answer_to).path,
        {"SAMLResponse": theirs.answer(Request(id=request.id, issuer=about, answer_to=answer_to))},
    )
    assert sent.status_code == 302
    page = client.get(sent["Location"].replace(lakeside.slug, school.slug))
    assert_refused(client, page, "answers no sign-in that you began")


def test_answer_for_one_school_is_none_for_another(
    ready: None, admin: Client, school: School, noor: Person, provider: Identity
) -> None:
    lakeside = make_school(name="Lakeside College")
    configure(admin, lakeside, provider)
    client, request = begin(school, provider)
    elsewhere = Request(
        id=request.id, issuer=request.issuer, answer_to=request.answer_to.replace(school.slug, lakeside.slug)
    )
    page = hand_over(client, elsewhere, provider.answer(request))
    assert_refused(client, page, "meant for another service or another school")


@pytest.mark.parametrize("role", [Role.OPS, Role.ADMIN])
def test_provider_of_a_school_lets_in_nobody_of_the_platform(
    ready: None, school: School, provider: Identity, role: Role
) -> None:
    make_person(role=role, email="root@northfield.example")
    provider.address = "root@northfield.example"
    assert_refused(*come_in(school, provider), "Nobody has invited you yet")


def test_person_who_left_does_not_come_in(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    come_in(school, provider)
    Person.objects.filter(pk=noor.pk).update(is_active=False)
    client, page = come_in(school, provider)
    assert page.status_code == 403
    assert not is_signed_in(client)


def test_leading_elsewhere_after_signing_in_is_refused(
    ready: None, school: School, noor: Person, provider: Identity
) -> None:
    assert come_in(school, provider, wanted="https://evil.example/")[1]["Location"] == "/"
