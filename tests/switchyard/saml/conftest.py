"""A school whose people sign in with SAML, and one of them."""

import pytest
from django.test import Client

from jobs.models import Person, Role, School
from jobs.testing import make_person, make_school
from tests.switchyard.saml.identity import Identity, Key
from tests.switchyard.saml.steps import configure


@pytest.fixture(scope="session")
def key() -> Key:
    return Key()


@pytest.fixture
def provider(key: Key) -> Identity:
    return Identity(key=key)


@pytest.fixture
def school() -> School:
    return make_school(name="Northfield University")


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_person(role=Role.ADMIN))
    return client


@pytest.fixture
def ready(admin: Client, school: School, provider: Identity) -> None:
    assert configure(admin, school, provider)["Location"] == "/people/providers/"


@pytest.fixture
def noor(school: School) -> Person:
    person = make_person(school=school, email="noor@northfield.example")
    person.set_unusable_password()
    person.save()
    return person
