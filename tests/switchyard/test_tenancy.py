"""Another school's data is not found: every address against every row of a school, by whoever may ask."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from jobs import tokens
from jobs.models import Person, Role, Scope
from jobs.models.people import PLATFORM_ROLES
from jobs.testing import make_person
from tests.switchyard.every_address import Address, every_address
from tests.switchyard.everything import Everything

pytestmark = pytest.mark.django_db

SCHOOL_ROLES = [role for role in Role if role not in PLATFORM_ROLES]
REFUSED = {403, 404, 405}
FIELD = re.compile(r'name="([a-z0-9_-]+)"')
SIGN_IN = ("/sign-in/", "/admin/login/")
METHODS = ("get", "post")
BODIES = {"api:choose_upload_columns": '{"columns": {}}'}
OPERATIONS = ("/ops/", "/admin/")
API = "/api/v1/"
OF_A_PERSON = {"jobs:notification", "session-end", "mfa_edit_webauthn", "mfa_remove_webauthn"}
"""Their ids are of what one person has, and no other of the school; the library asks again who it is."""
NOT_THERE = {
    "jobs:let-move": "operations alone move jobs",
    "jobs:move-back": "operations alone move jobs",
    "mail-attachment": "the yard's mailbox is not here",
}
"""Addresses with an id that lead nowhere for the school's own people either, and why."""
PUBLIC = {
    "account_login": "signing in",
    "account_logout": "whoever is signed out stays so",
    "code-again": "signing in",
    "code-mail": "signing in",
    "confirm": "signing in",
    "emails:file": "a signed link in a mail",
    "emails:provider": "a mail provider, which proves itself",
    "emails:unsubscribe": "a signed link in a mail",
    "health": "asked by the proxy",
    "mail": "the yard's mailbox",
    "mail-attachment": "the yard's mailbox",
    "mailbox": "the yard's mailbox",
    "metrics": "asked with a token, or on this machine",
    "mfa_authenticate": "signing in",
    "mfa_login_webauthn": "signing in",
    "openid_connect_callback": "signing in at a school's own provider",
    "openid_connect_login": "signing in at a school's own provider",
    "packets:shared": "a signed link for an employer",
    "password-forgotten": "signing in",
    "password-link": "a secret link in a mail",
    "saml-about": "our metadata, which hold no data",
    "saml-answer": "signing in at a school's own provider",
    "saml-login": "signing in at a school's own provider",
    "saml-return": "signing in at a school's own provider",
    "sign-in": "signing in",
    "sign-out": "whoever is signed out stays so",
    "/favicon.ico": "a picture",
    "admin:logout": "whoever is signed out stays so",
    "/admin/login/": "leads to signing in",
    "admin:login": "leads to signing in",
}
"""What anybody may open, and why."""
STATUS = ("status:", "api-")
"""The public status page, which is open as a whole, and what programs read of it."""


@pytest.fixture
def theirs() -> Everything:
    """The school whose data is looked for."""
    return Everything(number=31_007, mark="Zyxquill")


@pytest.fixture
def ours() -> Everything:
    """The school of those who look."""
    return Everything(number=31_008, mark="Ourquill")


@pytest.fixture
def addresses(theirs: Everything) -> list[Address]:
    """Every address, with the other school's number wherever one stands."""
    return every_address(number=theirs.number, slug=theirs.school.slug)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    code: int
    leads_to: str
    headers: Mapping[str, str]
    said: str
    """All of it in small letters, but for the address that was asked for."""

    @classmethod
    def of(cls, response: Any, address: Address) -> "Answer":
        """Read the response to its end."""
        body = b"".join(response.streaming_content) if response.streaming else response.content
        said = f"{dict(response.items())} {body.decode(errors='replace')}".replace(address.path, "")
        return cls(
            code=response.status_code,
            leads_to=response.get("Location", ""),
            headers=response.headers,
            said=said.lower(),
        )


class Visitor:
    """A person with a browser, who signs in again wherever they were signed out; None signs in never."""

    def __init__(self, person: Person | None) -> None:
        """Begin."""
        self._person, self._client = person, Client()

    def ask(self, address: Address, method: str = "get", **sent: str) -> Answer:
        """Ask for the address by a method."""
        cookie = self._client.cookies.get(settings.SESSION_COOKIE_NAME)
        if self._person is not None and not (cookie and cookie.value):
            self._client.force_login(self._person)
        return Answer.of(getattr(self._client, method)(address.path, sent or None), address)

    def answers(self, address: Address) -> list[Answer]:
        """Ask for the address by every method."""
        return [self.ask(address, method) for method in METHODS]


def of_schools(addresses: list[Address]) -> list[Address]:
    """Return the addresses of pages that are no business of the platform's own people alone."""
    return [address for address in addresses if not address.path.startswith((API, *OPERATIONS))]


def names_a_row(address: Address) -> bool:
    """Whether it leads people to a row of their school."""
    return address.has_number and address.name not in OF_A_PERSON


@pytest.mark.parametrize("role", SCHOOL_ROLES)
def test_another_schools_rows_are_not_found(
    role: str, theirs: Everything, ours: Everything, addresses: list[Address]
) -> None:
    visitor, before = Visitor(make_person(school=ours.school, role=role)), theirs.snapshot()
    for address in of_schools(addresses):
        codes = set()
        for answer in visitor.answers(address):
            codes.add(answer.code)
            assert theirs.mark.lower() not in answer.said, f"{address} shows another school's data"
        if names_a_row(address):
            assert codes <= REFUSED, f"{address} answers {codes} for another school's row"
            assert codes != {405}
    assert theirs.snapshot() == before


def test_a_schools_own_rows_are_found(theirs: Everything, addresses: list[Address]) -> None:
    visitor = Visitor(make_person(school=theirs.school, role=Role.MANAGER))
    wanted = [each for each in of_schools(addresses) if names_a_row(each)]
    assert len(wanted) > 30
    assert visitor.ask(Address(name="home", path="/", has_number=False)).code == 200
    lost = set()
    for address in wanted:
        with transaction.atomic():  # what one does, such as deleting, is undone before the next
            codes = {answer.code for answer in visitor.answers(address)}
            transaction.set_rollback(True)
        if codes <= REFUSED:
            lost.add(address.name)
    assert lost == set(NOT_THERE)


def test_forms_take_no_rows_of_another_school(
    theirs: Everything, ours: Everything, addresses: list[Address]
) -> None:
    visitor = Visitor(make_person(school=ours.school, role=Role.MANAGER))
    before, sent = theirs.snapshot(), 0
    for address in of_schools([*every_address(number=ours.number, slug=ours.school.slug), *addresses]):
        page = visitor.ask(address).said
        fields = set(FIELD.findall(page)) - {"csrfmiddlewaretoken"}
        answer = visitor.ask(address, "post", **dict.fromkeys(fields, str(theirs.number)))
        assert theirs.mark.lower() not in answer.said, f"{address} shows another school's data"
        sent += bool(fields)
    assert sent > 30
    assert theirs.snapshot() == before
    assert ours.strangers(theirs) == []


@pytest.mark.parametrize("role", SCHOOL_ROLES)
def test_pages_of_the_platform_are_closed_to_schools(
    role: str, ours: Everything, addresses: list[Address]
) -> None:
    visitor = Visitor(make_person(school=ours.school, role=role))
    closed = [each for each in addresses if each.path.startswith(OPERATIONS) and each.name not in PUBLIC]
    assert len(closed) > 30
    for address in closed:
        for answer in visitor.answers(address):
            led_away = answer.code == 302 and answer.leads_to.startswith("/admin/login/")
            assert answer.code in REFUSED or led_away, f"{address}: {answer.code}"


def test_whoever_is_not_signed_in_is_asked_to(theirs: Everything, addresses: list[Address]) -> None:
    visitor, before = Visitor(None), theirs.snapshot()
    for address in addresses:
        if address.path.startswith(API):
            continue
        for answer in visitor.answers(address):
            assert theirs.mark.lower() not in answer.said, f"{address} shows a school's data"
            if address.name in PUBLIC or address.name.startswith(STATUS):
                continue
            message = f"{address} answers {answer.code} to anybody; if it may, say why in PUBLIC"
            assert answer.code in {302, 403, 405}, message
            asks = answer.code != 302 or any(page in answer.leads_to for page in SIGN_IN)
            assert asks, message
    assert theirs.snapshot() == before


def api_codes(school: Everything | None, address: Address, *, hidden: str) -> set[int]:
    """Ask for an address of the API by every method, with a token of `school` or without one."""
    given = {}
    if school is not None:
        _, text = tokens.make(school=school.school, name="Sync", scopes=Scope.of_schools(), by=None)
        given = {"Authorization": f"Bearer {text}", "Idempotency-Key": "one"}
    client, codes = Client(headers=given), set()
    for method in ("get", "post", "put", "delete"):
        body = (
            {}
            if method in {"get", "delete"}
            else {"data": BODIES.get(address.name, "{}"), "content_type": "application/json"}
        )
        answer = Answer.of(getattr(client, method)(address.path, **body), address)
        assert hidden.lower() not in answer.said, f"{address} shows another school's data"
        codes.add(answer.code)
    return codes


def test_programs_of_another_school_find_nothing(
    theirs: Everything, ours: Everything, addresses: list[Address]
) -> None:
    before = theirs.snapshot()
    of_programs = [each for each in addresses if each.path.startswith(API)]
    assert len(of_programs) > 10
    for address in of_programs:
        codes = api_codes(ours, address, hidden=theirs.mark)
        if address.has_number:
            assert codes <= {404, 405, 415, 422}, f"{address}: {codes}"
            assert 404 in codes
            own = address.path.replace(str(theirs.number), str(ours.number))
            found = api_codes(ours, Address(name=address.name, path=own, has_number=True), hidden=theirs.mark)
            assert 404 not in found, f"{own}: {found}"
    assert theirs.snapshot() == before


def test_programs_without_a_token_are_refused(theirs: Everything, addresses: list[Address]) -> None:
    for address in addresses:
        if address.path.startswith(API):
            codes = api_codes(None, address, hidden=theirs.mark)
            assert codes <= {401, 404, 405} or address.name == "api:openapi-json", f"{address}: {codes}"
