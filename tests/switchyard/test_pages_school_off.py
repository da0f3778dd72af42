"""Nobody of a school that is off is let in: neither people, however they come, nor programs nor files."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from emails import password_links
from emails.models import Code, LinkPurpose, PasswordLink
from jobs import tokens
from jobs.models import Person, Role, School, Scope
from jobs.testing import PASSWORD, make_person, make_school
from tests.switchyard.mailed_codes import mail_the_code
from uploads import pickup_folders
from uploads.models import Pickup
from uploads.picking_up import pick_up

pytestmark = pytest.mark.django_db
OFF = "Your school is switched off on this platform."


@pytest.fixture
def person() -> Person:
    return make_person(school=make_school(name="Northfield University"))


def switch_off(school: School | None) -> None:
    """Switch the school off, as `jobs.schools` does."""
    assert school is not None
    School.objects.filter(pk=school.pk).update(is_on=False)


def test_who_is_signed_in_is_signed_out_at_the_next_click(client: Client, person: Person) -> None:
    client.force_login(person)
    assert client.get("/").status_code == 200
    switch_off(person.school)
    answer = client.get("/", follow=True)
    assert answer.request["PATH_INFO"] == "/sign-in/"
    assert OFF in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_right_password_asks_for_no_code_and_says_why(client: Client, person: Person) -> None:
    switch_off(person.school)
    answer = client.post("/sign-in/", {"email": person.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert OFF in answer.content.decode()
    assert not Code.objects.exists()


def test_wrong_password_says_nothing_of_the_school(client: Client, person: Person) -> None:
    switch_off(person.school)
    answer = client.post("/sign-in/", {"email": person.email, "password": "a guess"})
    assert OFF not in answer.content.decode()


def test_code_that_was_mailed_before_lets_nobody_in(client: Client, person: Person) -> None:
    client.post("/sign-in/", {"email": person.email, "password": PASSWORD})
    code = mail_the_code(person)
    switch_off(person.school)
    assert client.post("/sign-in/code/", {"code": code})["Location"] == "/sign-in/"
    assert "_auth_user_id" not in client.session


def test_invitation_of_before_sets_no_password(client: Client, person: Person) -> None:
    now = timezone.now()
    PasswordLink.objects.create(
        purpose=LinkPurpose.INVITATION,
        email=person.email,
        person=person,
        hash=password_links._hashed("secret"),
        requested_at=now,
        expires_at=now + timedelta(days=1),
    )
    assert password_links.open_link("secret", now=now).person == person
    switch_off(person.school)
    with pytest.raises(password_links.LinkGone):
        password_links.open_link("secret", now=now)


def test_program_is_told_that_the_school_is_off_and_its_token_works_again_later(client: Client) -> None:
    school = make_school()
    _, text = tokens.make(school=school, name="Register", scopes=[Scope.READ], by=None)
    header = {"Authorization": f"Bearer {text}"}
    switch_off(school)
    answer: Any = client.get("/api/v1/jobs", headers=header)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:switchyard:problem:school-off")
    School.objects.update(is_on=True)
    assert client.get("/api/v1/jobs", headers=header).status_code == 200


def test_people_of_other_schools_and_of_the_platform_stay(client: Client, person: Person) -> None:
    switch_off(person.school)
    for other in (make_person(), make_person(role=Role.ADMIN)):
        client.force_login(other)
        assert client.get("/").status_code == 200


def test_files_of_its_software_stay_where_they_are(
    person: Person, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PICKUP = {"folder": str(tmp_path)}
    looked_into: list[Path] = []
    monkeypatch.setattr(pickup_folders, "make_folders", looked_into.append)
    Pickup.objects.create(school=person.school, dataset="students", set_by=person)
    pick_up(now=timezone.now())
    assert len(looked_into) == 1
    switch_off(person.school)
    pick_up(now=timezone.now())
    assert len(looked_into) == 1
