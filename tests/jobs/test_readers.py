"""People and sessions are read as Django reads them, by statements that are composed once."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.models import Person, Role, School
from jobs.testing import make_person, make_school

pytestmark = pytest.mark.django_db
SessionStore = import_module(settings.SESSION_ENGINE).SessionStore


def both_ways(pk: int) -> tuple[Person, Person]:
    """Return a person as each request reads them, and as a query of Django's does."""
    return Person.objects.get(pk=pk), Person.objects.filter(pk=pk).get()


@pytest.mark.parametrize("role", [Role.MANAGER, Role.OPS])
def test_person_is_as_django_reads_them(role: str) -> None:
    school = None if role == Role.OPS else make_school(name="Northfield University")
    one, other = both_ways(make_person(school=school, role=role).pk)
    for field in Person._meta.concrete_fields:
        assert getattr(one, field.attname) == getattr(other, field.attname)
    assert one == other
    assert one.school == other.school == school
    assert school is None or model_to_dict(one.school or School()) == model_to_dict(school)
    assert one.last_login is None or one.last_login.tzinfo is not None
    assert not one._state.adding


def test_person_read_so_can_be_changed_and_kept() -> None:
    person = Person.objects.get(pk=make_person(role=Role.OPS).pk)
    person.name = "Noor"
    person.save(update_fields=["name"])
    assert Person.objects.get(pk=person.pk).name == "Noor"


def test_reading_a_person_is_one_query_with_the_school_and_composed_once() -> None:
    pk = make_person(school=make_school()).pk
    assert Person.objects.get(pk=pk).school
    with CaptureQueriesContext(connection) as asked:
        assert Person.objects.get(pk=pk).school
    [query] = asked.captured_queries
    assert "EXECUTE" in query["sql"]


def test_person_that_is_not_there_does_not_exist() -> None:
    with pytest.raises(Person.DoesNotExist):
        Person.objects.get(pk=0)
    with pytest.raises(ValueError, match="nonsense"):
        Person.objects.get(pk="nonsense")


def test_session_is_found_until_it_ends_and_then_starts_anew() -> None:
    store = SessionStore()
    store["colour"] = "blue"
    store.save()
    key = store.session_key
    assert SessionStore(key)["colour"] == "blue"
    Session.objects.filter(pk=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    late = SessionStore(key)
    assert late.get("colour") is None
    assert late.session_key is None
