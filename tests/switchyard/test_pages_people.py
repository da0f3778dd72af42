"""Administrators invite people, give roles, let in no more; links set a password once; all of it is kept."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from emails.models import PasswordLink
from jobs import pruning
from jobs.models import Job, JobState, Person, Role, School
from jobs.testing import make_person, make_school
from tests.switchyard.mailed_texts import mailed_texts

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 3, 10, 42, tzinfo=UTC)
NEW = "nineteen blue lamps"
INVITED = {"name": "Noor Haddad", "email": "Noor@northfield.example", "role": "sender"}
FORGOTTEN = "/account/password/forgotten/"
Mails = Callable[[], list[str]]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def school() -> School:
    return make_school(name="Northfield University")


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def manager(school: School) -> Client:
    return signed_in(make_person(school=school, role=Role.MANAGER))


@pytest.fixture
def mailed(settings: Settings) -> Mails:
    """Let a worker do what waits, and return the texts that left."""
    settings.SITE_URL = "https://careers.example"
    return mailed_texts


def secret_in(mails: list[str]) -> str:
    """Return the path of the link in the newest mail."""
    found = re.search(r"https://careers\.example(/account/password/set/\S+/)", mails[-1])
    assert found, mails
    return found[1]


def set_by(link: str, *, new: str = NEW) -> str:
    sent = {"new_password": new, "new_password_again": new}
    return Client().post(link, sent, follow=True).content.decode()


def test_invited_person_sets_a_password_and_signs_in(manager: Client, mailed: Mails, school: School) -> None:
    assert manager.post("/people/invite/", INVITED)["Location"] == "/people/"
    person = Person.objects.get(email="noor@northfield.example")
    assert (person.role, person.school) == (Role.SENDER, school)
    assert not person.has_usable_password()
    mails = mailed()
    assert "invited to work with Switchyard for Northfield University" in mails[-1]
    link = secret_in(mails)
    assert "Hello Noor Haddad of Northfield University." in Client().get(link).content.decode()
    assert "Your password is set." in set_by(link)
    signing = Client().post("/sign-in/", {"email": person.email, "password": NEW})
    assert signing["Location"] == "/sign-in/code/"


def test_link_works_once_also_when_it_was_only_looked_at(manager: Client, mailed: Mails) -> None:
    manager.post("/people/invite/", INVITED)
    link = secret_in(mailed())
    for _ in range(3):
        assert Client().get(link).status_code == 200
    set_by(link)
    assert "does not work any more" in set_by(link, new="another thirty lamps")
    assert Client().get(link).status_code == 410
    assert Person.objects.get(email="noor@northfield.example").check_password(NEW)


def test_link_of_an_invitation_is_over_after_seven_days(
    manager: Client, mailed: Mails, clock: time_machine.Traveller
) -> None:
    manager.force_login(make_person(school=School.objects.get(), role=Role.MANAGER))
    manager.post("/people/invite/", INVITED)
    link = secret_in(mailed())
    clock.shift(timedelta(days=7))
    assert Client().get(link).status_code == 410
    assert "does not work any more" in set_by(link)


def test_second_invitation_ends_the_first(manager: Client, mailed: Mails) -> None:
    manager.post("/people/invite/", INVITED)
    first = secret_in(mailed())
    person = Person.objects.get(email="noor@northfield.example")
    manager.post(f"/people/{person.pk}/invite/")
    second = secret_in(mailed())
    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 200


def test_secret_stands_in_the_mail_alone(manager: Client, mailed: Mails) -> None:
    manager.post("/people/invite/", INVITED)
    secret = secret_in(mailed()).split("/")[-2]
    assert secret not in str(list(PasswordLink.objects.values()))
    assert secret not in str(list(Job.objects.values()))


def test_mail_without_an_address_of_the_site_fails_with_a_sentence(
    manager: Client, mailed: Mails, settings: Settings
) -> None:
    settings.SITE_URL = ""
    manager.post("/people/invite/", INVITED)
    assert mailed() == []
    job = Job.objects.get(kind="emails.password_link")
    assert job.state == JobState.FAILED
    assert "SITE_URL" in job.error


@pytest.mark.parametrize("role", ["ops", "admin"])
def test_manager_gives_no_roles_of_the_platform(manager: Client, role: str) -> None:
    answer = manager.post("/people/invite/", {**INVITED, "role": role})
    assert answer.status_code == 422
    assert not Person.objects.filter(email="noor@northfield.example").exists()


def test_manager_invites_to_no_other_school(manager: Client, school: School) -> None:
    manager.post("/people/invite/", {**INVITED, "school": make_school().pk})
    assert Person.objects.get(email="noor@northfield.example").school == school


def test_admin_chooses_the_school(school: School) -> None:
    admin = signed_in(make_person(role=Role.ADMIN))
    assert "choose the school" in admin.post("/people/invite/", INVITED).content.decode()
    admin.post("/people/invite/", {**INVITED, "school": school.pk})
    assert Person.objects.get(email="noor@northfield.example").school == school


@pytest.mark.parametrize("at_ours", [True, False])
def test_address_that_somebody_has_is_said(manager: Client, school: School, *, at_ours: bool) -> None:
    make_person(school=school if at_ours else make_school(), email="noor@northfield.example")
    assert "has a login already" in manager.post("/people/invite/", INVITED).content.decode()


def test_people_of_another_school_are_not_found(manager: Client) -> None:
    stranger = make_person()
    assert stranger.email not in manager.get("/people/").content.decode()
    assert manager.get(f"/people/{stranger.pk}/").status_code == 404
    for verb in ("let-out", "let-in", "invite", "second-steps"):
        assert manager.post(f"/people/{stranger.pk}/{verb}/").status_code == 404


@pytest.mark.parametrize("role", ["ops", "admin"])
def test_manager_changes_nobody_of_the_platform(manager: Client, school: School, role: str) -> None:
    ours = make_person(school=school, role=role)
    assert ours.email not in manager.get("/people/").content.decode()
    assert manager.post(f"/people/{ours.pk}/", {"role": "staff"}).status_code == 404
    for verb in ("let-out", "let-in", "invite", "second-steps"):
        assert manager.post(f"/people/{ours.pk}/{verb}/").status_code == 404
    ours.refresh_from_db()
    assert (ours.role, ours.is_active) == (role, True)


def test_forgotten_password_is_set_by_a_link_and_ends_sessions(mailed: Mails, school: School) -> None:
    person = make_person(school=school, email="sam@northfield.example")
    client = signed_in(person)
    client.get("/account/sessions/")
    Client().post(FORGOTTEN, {"email": "SAM@northfield.example"})
    [mail] = mailed()
    assert "The link works once, for an hour." in mail
    assert "Your password is set." in set_by(secret_in([mail]))
    assert client.get("/").status_code == 302
    person.refresh_from_db()
    assert person.check_password(NEW)


@pytest.mark.parametrize("kind", ["nobody", "left", "invited"])
def test_nobody_else_gets_a_mail(mailed: Mails, school: School, kind: str) -> None:
    person = make_person(school=school, email="left@northfield.example")
    if kind == "left":
        Person.objects.filter(pk=person.pk).update(is_active=False)
    if kind == "invited":
        person.set_unusable_password()
        person.save()
    email = "nobody@northfield.example" if kind == "nobody" else person.email
    Client().post(FORGOTTEN, {"email": email})
    assert mailed() == []
    assert Job.objects.get().state == JobState.DONE


def test_page_does_the_same_for_an_address_that_nobody_has(school: School) -> None:
    make_person(school=school, email="sam@northfield.example")
    Client().post(FORGOTTEN, {"email": "first@northfield.example"})  # the platform's own school is made once
    pages, counts = [], []
    for name in ("sam", "ola"):
        with CaptureQueriesContext(connection) as queries:
            page = Client().post(FORGOTTEN, {"email": f"{name}@northfield.example"}).content.decode()
        pages.append(page.replace(name, "…"))
        counts.append([query["sql"].split(" ")[0] for query in queries])
    assert pages[0] == pages[1]
    assert counts[0] == counts[1]


def test_fourth_request_within_an_hour_sends_nothing_and_says_the_same(clock: time_machine.Traveller) -> None:
    for _ in range(4):
        assert (
            "a mail with a link is on its way"
            in Client().post(FORGOTTEN, {"email": "a@b.example"}).content.decode()
        )
    assert PasswordLink.objects.count() == 3
    clock.shift(timedelta(hours=1))
    Client().post(FORGOTTEN, {"email": "a@b.example"})
    assert PasswordLink.objects.count() == 4


def test_one_network_asks_only_so_often(clock: time_machine.Traveller) -> None:
    answers = [
        Client().post(FORGOTTEN, {"email": f"p{number}@b.example"}).status_code for number in range(31)
    ]
    assert answers == [200] * 30 + [429]


def test_links_are_pruned_with_their_jobs(mailed: Mails) -> None:
    Client().post(FORGOTTEN, {"email": "a@b.example"})
    mailed()
    pruning.prune(now=datetime.now(tz=UTC) + timedelta(days=400))  # noqa: TID251 - long after
    assert not PasswordLink.objects.exists()


def test_people_of_the_platform_narrow_the_list_to_a_school_or_a_name(school: School) -> None:
    make_person(school=school, email="noor@northfield.example")
    make_person(school=school, email="sam@northfield.example")
    make_person(email="kim@lakeside.example")
    admin = signed_in(make_person(role=Role.ADMIN, email="ada@switchyard.example"))
    listed = {
        query: re.findall(r"(\w+)@", admin.get(f"/people/?{query}").content.decode())
        for query in ("", f"school={school.slug}", "words=NOOR", "school=nowhere")
    }
    assert sorted(listed[""]) == ["ada", "kim", "noor", "sam"]
    assert sorted(listed[f"school={school.slug}"]) == ["noor", "sam"]
    assert listed["words=NOOR"] == ["noor"]
    assert sorted(listed["school=nowhere"]) == ["ada", "kim", "noor", "sam"]
    assert (
        f'value="{school.pk}" selected' in admin.get(f"/people/invite/?school={school.slug}").content.decode()
    )


def test_managers_do_not_choose_among_schools(manager: Client) -> None:
    page = manager.get("/people/", {"school": make_school(name="Lakeside").slug}).content.decode()
    assert "Lakeside" not in page


@pytest.mark.parametrize("name", ["Noor\r\nBcc: x@y.example", "Noor\tHaddad", "Noor\x07", "Noor\u2028Haddad"])
def test_name_is_one_line_without_unseen_characters(manager: Client, name: str) -> None:
    answer = manager.post("/people/invite/", {**INVITED, "name": name})
    assert answer.status_code == 422
    assert "It is one line: leave out line breaks" in answer.content.decode()
    assert not Person.objects.filter(email="noor@northfield.example").exists()
