"""A role of the platform has no school, every other one has: inviting, changing, taking back."""

import pytest
from django.test import Client

from jobs.models import Person, PersonEvent, Role, School
from jobs.testing import make_person, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return make_school(name="Northfield University")


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_person(role=Role.ADMIN))
    return client


def words(client: Client, address: str, **given: str) -> str:
    """Send a form, and return the words of the page that follows."""
    return " ".join(client.post(address, given, follow=True).content.decode().split())


def place_of(person: Person) -> tuple[str, School | None]:
    now = Person.objects.get(pk=person.pk)
    return now.role, now.school


@pytest.mark.parametrize("role", ["ops", "admin"])
def test_role_of_the_platform_is_not_invited_to_a_school(admin: Client, school: School, role: str) -> None:
    given = {"name": "Noor", "email": "noor@northfield.example", "role": role, "school": str(school.pk)}
    assert "choose no school" in words(admin, "/people/invite/", **given)
    assert not Person.objects.filter(email="noor@northfield.example").exists()
    words(admin, "/people/invite/", **{**given, "school": ""})
    assert Person.objects.get(email="noor@northfield.example").school is None


def test_who_gets_a_role_of_the_platform_leaves_their_school_and_that_is_told(
    admin: Client, school: School
) -> None:
    ann = make_person(school=school, name="Ann")
    page = words(admin, f"/people/{ann.pk}/", role="admin")
    assert "Ann belongs to Northfield University no more, and sees the work of all schools." in page
    words(admin, f"/people/{ann.pk}/", role="admin", confirmed="staff")
    assert place_of(ann) == (Role.ADMIN, None)
    event = PersonEvent.objects.get()
    assert event.school == school
    words(admin, f"/people/history/{event.pk}/take-back/")
    assert place_of(ann) == (Role.STAFF, school)


def test_who_leaves_the_platform_is_given_a_school(admin: Client, school: School) -> None:
    ola = make_person(role=Role.OPS, name="Ola")
    assert "choose the school" in words(admin, f"/people/{ola.pk}/", role="staff", confirmed="ops")
    page = words(admin, f"/people/{ola.pk}/", role="staff", school=str(school.pk))
    assert "Ola belongs to Northfield University from then on, and sees no work of other schools." in page
    assert f'name="school" value="{school.pk}"' in page
    words(admin, f"/people/{ola.pk}/", role="staff", school=str(school.pk), confirmed="ops")
    assert place_of(ola) == (Role.STAFF, school)
    words(admin, f"/people/history/{PersonEvent.objects.get().pk}/take-back/")
    assert place_of(ola) == (Role.OPS, None)


def test_who_has_a_school_is_not_moved_to_another(admin: Client, school: School) -> None:
    ann = make_person(school=school)
    other = make_school()
    words(admin, f"/people/{ann.pk}/", role="sender", school=str(other.pk), confirmed="staff")
    assert place_of(ann) == (Role.SENDER, school)


def test_managers_are_offered_to_take_back_nothing_of_who_left_for_the_platform(
    admin: Client, school: School
) -> None:
    ann = make_person(school=school)
    words(admin, f"/people/{ann.pk}/", role="ops", confirmed="staff")
    manager = Client()
    manager.force_login(make_person(school=school, role=Role.MANAGER))
    page = manager.get("/people/history/").content.decode()
    assert "to Operations" in page
    assert "take-back" not in page
