"""What each role may open and do: one table, every role at every page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from emails.models import Mailing
from jobs.models import Job, Person, Role
from jobs.testing import make_person, make_school
from tests.switchyard.every_address import every_address

pytestmark = pytest.mark.django_db

SCHOOL = ("staff", "sender", "approver", "manager", "auditor")
WORKS = ("staff", "sender", "approver", "manager")
SENDS = ("staff", "approver", "manager")
PLATFORM = ("ops", "admin")
EVERYBODY = (*SCHOOL, *PLATFORM)
LOOKS = {
    "/": EVERYBODY,
    "/home/now/": EVERYBODY,
    "/jobs/": EVERYBODY,
    "/mailings/": EVERYBODY,
    "/packets/": EVERYBODY,
    "/uploads/": EVERYBODY,
    "/account/sessions/": EVERYBODY,
    "/notifications/": EVERYBODY,
    "/account/second-step/": EVERYBODY,
    "/mailings/suppressions/": SCHOOL,
    "/tokens/": SCHOOL,
    "/webhooks/": SCHOOL,
    "/mailings/new/": WORKS,
    "/packets/new/": WORKS,
    "/uploads/new/": WORKS,
    "/mailings/attachments/": WORKS,
    "/tokens/new/": SENDS,
    "/webhooks/new/": SENDS,
    "/people/": ("manager", "auditor", *PLATFORM),
    "/people/history/": ("manager", "auditor", *PLATFORM),
    "/people/invite/": ("manager", "admin"),
    "/ops/": PLATFORM,
    "/ops/charts/": PLATFORM,
    "/ops/jobs/": PLATFORM,
    "/ops/late/": PLATFORM,
    "/ops/workers/": PLATFORM,
    "/ops/settings/": PLATFORM,
    "/ops/settings/routes/": PLATFORM,
    "/ops/settings/holds/": PLATFORM,
}
"""Who may open a page; the others get the 403 page."""
CHANGES = {
    "/mailings/new/": WORKS,
    "/mailings/{mailing}/send/": SENDS,
    "/mailings/{mailing}/uncertain/": (*SENDS, *PLATFORM),
    "/mailings/{mailing}/discard/": WORKS,
    "/packets/new/": WORKS,
    "/uploads/new/": WORKS,
    "/tokens/new/": SENDS,
    "/webhooks/new/": SENDS,
    "/people/invite/": ("manager", "admin"),
    "/ops/settings/routes/": ("admin",),
    "/account/sessions/end-others/": EVERYBODY,
}
"""Who may send a form; empty ones are not done, but they are not forbidden either."""
OF_A_SCHOOL = (
    "/mailings/new/",
    "/mailings/{mailing}/send/",
    "/mailings/{mailing}/discard/",
    "/packets/new/",
    "/uploads/new/",
    "/tokens/new/",
    "/webhooks/new/",
)
"""Ops and admins have the right, but no school to do it for."""
Enter = Callable[[str], Client]


@pytest.fixture
def enter() -> Enter:
    school = make_school()

    def as_role(role: str) -> Client:
        client = Client()
        client.force_login(make_person(role=role, school=None if role in PLATFORM else school))
        client.mailing = Mailing.objects.create(school=school, subject="Fair", body="Hello")  # type: ignore[attr-defined]
        return client

    return as_role


@pytest.mark.parametrize("role", EVERYBODY)
def test_role_opens_its_pages_and_no_others(enter: Enter, role: str) -> None:
    client = enter(role)
    opened = {page: client.get(page).status_code for page in LOOKS}
    assert opened == {page: 200 if role in roles else 403 for page, roles in LOOKS.items()}


@pytest.mark.parametrize("role", EVERYBODY)
def test_role_sends_its_forms_and_no_others(enter: Enter, role: str) -> None:
    client: Any = enter(role)
    expected = {page: role not in roles for page, roles in CHANGES.items()}
    if role in PLATFORM:
        expected |= dict.fromkeys(OF_A_SCHOOL, True)
    answers = {page: client.post(page.format(mailing=client.mailing.pk), {"sent": "1"}) for page in CHANGES}
    assert {page: answer.status_code == 403 for page, answer in answers.items()} == expected


OPEN = (
    "/account/",
    "/notifications/",
    "/sign-",
    "/time-zone/",
    "/admin/",
    "/api/",
    "/health",
    "/metrics",
    "/favicon",
)


def test_auditor_changes_nothing_anywhere(enter: Enter) -> None:
    client = enter(Role.AUDITOR)
    addresses = [each.path for each in every_address(number=1, slug="x")]
    asked = [address for address in addresses if not address.startswith(OPEN)]
    assert len(asked) > 50
    assert {client.post(address).status_code for address in asked} == {403}


def test_sender_is_told_whom_to_ask(enter: Enter) -> None:
    sender: Any = enter(Role.SENDER)
    school = sender.mailing.school
    approver = make_person(school=school, role=Role.APPROVER)
    Person.objects.filter(pk=approver.pk).update(name="Ada Approver")
    page = sender.get(f"/mailings/{sender.mailing.pk}/check/").content.decode()
    assert "cannot be taken back once it is sent" not in page
    assert "Ada Approver" in page or "Change the mailing" in page
    assert not Job.objects.exists()


def test_role_that_is_not_known_has_no_rights(enter: Enter) -> None:
    client = enter(Role.STAFF)
    Person.objects.update(role="wizard")
    assert client.get("/mailings/new/").status_code == 403
    assert client.get("/mailings/").status_code == 200
