"""A page says what a role means, or being let in no more, before it is so; and it can be taken back."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from emails import approving
from emails.models import Mailing
from jobs import people, tokens
from jobs.models import Person, PersonEvent, Role, School, Scope
from jobs.testing import PASSWORD, make_person, make_school

pytestmark = pytest.mark.django_db
Page = Callable[..., str]


@pytest.fixture
def school() -> School:
    return make_school(name="Northfield University")


@pytest.fixture
def manager(client: Client, school: School) -> Person:
    """An administrator of the school, signed in."""
    manager = make_person(school=school, role=Role.MANAGER, name="Mara")
    client.force_login(manager)
    return manager


@pytest.fixture
def ann(school: School) -> Person:
    """Staff of the school."""
    return make_person(school=school, role=Role.STAFF, name="Ann")


@pytest.fixture
def post(client: Client) -> Page:
    """Send a form, and return the words of the page that follows."""

    def send(address: str, **given: str) -> str:
        return " ".join(client.post(address, given, follow=True).content.decode().split())

    return send


def role_of(person: Person) -> str:
    return Person.objects.get(pk=person.pk).role


def test_role_is_given_once_it_was_said_what_it_means(manager: Person, ann: Person, post: Page) -> None:
    page = post(f"/people/{ann.pk}/", role="sender")
    assert "Make Ann “Sender whose mailings are approved”?" in page
    assert "Ann may no longer send mailings and share packets." in page
    assert "Ann may no longer make tokens and webhooks for programs." in page
    assert "draft mailings" not in page
    assert role_of(ann) == Role.STAFF
    assert "The role of Ann is saved." in post(f"/people/{ann.pk}/", role="sender", confirmed="staff")
    assert role_of(ann) == Role.SENDER
    assert "Ann may from then on invite people" in post(f"/people/{ann.pk}/", role="manager")


def test_what_was_confirmed_of_another_role_is_asked_again(manager: Person, ann: Person, post: Page) -> None:
    Person.objects.filter(pk=ann.pk).update(role=Role.MANAGER)
    assert "Make Ann" in post(f"/people/{ann.pk}/", role="sender", confirmed="staff")
    assert role_of(ann) == Role.MANAGER


def test_mailings_that_wait_are_told_of_with_who_may_still_send_them(
    manager: Person, ann: Person, post: Page
) -> None:
    drafter = make_person(school=ann.school, role=Role.SENDER)
    mailing = Mailing.objects.create(school=ann.school, subject="Autumn fair", created_by=drafter)
    approving.ask(mailing, by=drafter, now=timezone.now())
    page = post(f"/people/{ann.pk}/", role="sender")
    assert "1 mailing waits to be looked at and sent. Those who may still send: Mara." in page
    Person.objects.filter(pk=manager.pk).update(role=Role.ADMIN, school=None)
    page = post(f"/people/{ann.pk}/", role="sender")
    assert "1 mailing waits to be looked at and sent. Nobody else of the school may send them." in page
    assert "1 mailing waits" not in post(f"/people/{ann.pk}/", role="approver")


def test_last_administrator_and_programs_are_told_of(manager: Person, ann: Person, post: Page) -> None:
    Person.objects.filter(pk=ann.pk).update(role=Role.MANAGER)
    Person.objects.filter(pk=manager.pk).update(role=Role.ADMIN, school=None)
    tokens.make(school=ann.school, name="CRM", scopes=[Scope.READ], by=ann)
    page = post(f"/people/{ann.pk}/let-out/")
    assert f"Nobody else of {ann.school} may invite people and change roles." in page
    assert "1 program go" in page
    assert "Ann is signed out at once" in page
    assert Person.objects.get(pk=ann.pk).is_active


def test_nobody_is_let_out_before_it_is_confirmed(manager: Person, ann: Person, post: Page) -> None:
    assert "Let Ann in no more?" in post(f"/people/{ann.pk}/let-out/")
    assert Person.objects.get(pk=ann.pk).is_active
    post(f"/people/{ann.pk}/let-out/", confirmed="staff")
    assert not Person.objects.get(pk=ann.pk).is_active


def test_changes_are_taken_back_in_the_list_of_what_was_done(
    client: Client, manager: Person, ann: Person, post: Page
) -> None:
    post(f"/people/{ann.pk}/", role="sender", confirmed="staff")
    post(f"/people/{ann.pk}/let-out/", confirmed="sender")
    let_out, role = PersonEvent.objects.all()[:2]
    page = client.get("/people/history/").content.decode()
    for event in (let_out, role):
        assert f'"/people/history/{event.pk}/take-back/"' in page
        assert "It is taken back." in post(f"/people/history/{event.pk}/take-back/")
    now = Person.objects.get(pk=ann.pk)
    assert (now.role, now.is_active) == (Role.STAFF, True)
    assert PersonEvent.objects.count() == 4
    assert "in the meantime" in post(f"/people/history/{role.pk}/take-back/")
    assert f'"/people/history/{role.pk}/take-back/"' not in client.get("/people/history/").content.decode()


def test_only_who_manages_people_of_the_school_takes_back(client: Client, ann: Person, post: Page) -> None:
    now = timezone.now()
    people.give_role(person=ann, role=Role.SENDER, by=make_person(role=Role.ADMIN, school=None), now=now)
    address = f"/people/history/{PersonEvent.objects.get().pk}/take-back/"
    for person, status in [
        (make_person(school=make_school(), role=Role.MANAGER), 404),
        (make_person(school=ann.school, role=Role.AUDITOR), 403),
    ]:
        client.force_login(person)
        assert client.post(address).status_code == status
    assert address not in client.get("/people/history/").content.decode()
    assert role_of(ann) == Role.SENDER
    Person.objects.filter(pk=ann.pk).update(role=Role.MANAGER)
    client.force_login(Person.objects.get(pk=ann.pk))
    assert "Ask another administrator" in post(address)


def test_role_that_changed_meanwhile_is_not_overwritten(ann: Person) -> None:
    Person.objects.filter(pk=ann.pk).update(role=Role.AUDITOR)
    with pytest.raises(people.ChangedSince):
        people.give_role(
            person=ann, role=Role.SENDER, by=make_person(role=Role.ADMIN, school=None), now=timezone.now()
        )
    assert role_of(ann) == Role.AUDITOR


def test_role_is_kept_for_the_audit(client: Client, manager: Person, ann: Person, post: Page) -> None:
    post(f"/people/{ann.pk}/", role="auditor", confirmed="staff")
    said = "changed the role of Ann from Career office staff to Auditor"
    assert said in client.get("/people/history/").content.decode()


def test_person_who_is_let_in_no_more_is_out_at_once(manager: Person, ann: Person, post: Page) -> None:
    theirs = Client()
    theirs.force_login(ann)
    assert theirs.get("/").status_code == 200
    post(f"/people/{ann.pk}/let-out/", confirmed="staff")
    assert theirs.get("/").status_code == 302
    answer = theirs.post("/sign-in/", {"email": ann.email, "password": PASSWORD})
    assert "do not fit" in answer.content.decode()
    post(f"/people/{ann.pk}/let-in/")
    assert Person.objects.get(pk=ann.pk).is_active
    assert PersonEvent.objects.count() == 2


def test_nobody_changes_their_own_login(manager: Person, post: Page) -> None:
    post(f"/people/{manager.pk}/", role="staff", confirmed="manager")
    post(f"/people/{manager.pk}/let-out/", confirmed="manager")
    manager.refresh_from_db()
    assert (manager.role, manager.is_active) == (Role.MANAGER, True)
