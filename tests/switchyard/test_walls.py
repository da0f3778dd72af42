"""The wall within PostgreSQL: behind it statements without a filter reach the rows of one school only."""

from typing import Any

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from jobs import walls
from jobs.models import Job, Person, Role, School
from jobs.testing import make_person
from tests.switchyard.everything import Everything

pytestmark = pytest.mark.django_db

NOT_WALLED = {
    "account.EmailAddress": "a person's own, read by the library that asks who that is",
    "account.EmailConfirmation": "a person's own, read by the library that asks who that is",
    "admin.LogEntry": "superusers' own",
    "jobs.BulkChange": "operations' own, of jobs of all schools",
    "jobs.HandScale": "operations' own",
    "jobs.HoldEvent": "operations' own",
    "jobs.Incident": "of the platform; opened by operations",
    "jobs.IncidentUpdate": "of the platform",
    "jobs.Person_groups": "Django's own; nobody is in a group",
    "jobs.Person_user_permissions": "Django's own; nobody is given one",
    "jobs.Postmortem": "of the platform",
    "jobs.TextCorrection": "of the platform",
    "jobs.SettingsVersion": "of the platform",
    "mfa.Authenticator": "a person's own, read by the library that asks who that is",
    "socialaccount.SocialAccount": "a person's own, read by the library that asks who that is",
    "socialaccount.SocialToken": "a person's own, read by the library that asks who that is",
    "usersessions.UserSession": "a person's own, read by the library that asks who that is",
}
"""Models that lead to a school or a person, and have no wall; with the reason."""
SEEN_BY_ALL = {
    "jobs.Bucket",
    "jobs.Detour",
    "jobs.Hold",
    "jobs.Job",
    "jobs.Job_after",
    "jobs.Pace",
    "jobs.Part",
    "jobs.School",
    "jobs.Share",
    "jobs.ToldTime",
}
"""Models from whose rows a place in line is reckoned: seen by every school, changed by their own."""


def owners() -> set[Any]:
    """Return the models whose rows belong to a school, or to a row that does."""
    found: set[Any] = {School}
    while more := {
        model
        for model in apps.get_models(include_auto_created=True)
        if model not in found
        and {field.related_model for field in model._meta.concrete_fields if field.is_relation} & found
    }:
        found |= more
    return found


OWNERS = owners()
WALLED = sorted(
    (model for model in OWNERS if model._meta.label not in NOT_WALLED), key=lambda model: model._meta.label
)


@pytest.fixture
def theirs() -> Everything:
    """The school behind the wall."""
    return Everything(number=31_007, mark="Zyxquill")


@pytest.fixture
def ours() -> Everything:
    """The school that works."""
    return Everything(number=31_008, mark="Ourquill")


def ask(statement: str, *values: Any) -> Any:
    """Ask the database for one value, without any of Django's managers."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.fetchone()[0]


def changed(statement: str, *values: Any) -> int:
    """Return how many rows the statement concerned; all of it is taken back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        transaction.set_rollback(True)
        return int(cursor.rowcount)


def test_every_table_that_leads_to_a_school_has_a_wall() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND EXISTS ("
            "SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polcmd = '*')"
        )
        walled = {name for (name,) in cursor.fetchall()}
    assert {model._meta.db_table for model in WALLED} == walled
    assert NOT_WALLED.keys() <= {model._meta.label for model in OWNERS}


def test_a_school_finds_no_row_of_another(theirs: Everything, ours: Everything) -> None:
    seen = set()
    for model in WALLED:
        key, rows = model._meta.pk.column, [each.row_of(model).pk for each in (ours, theirs)]
        found = f"SELECT array_agg({key}) FROM {model._meta.db_table} WHERE {key} = ANY(%s)"  # noqa: S608
        assert sorted(ask(found, rows)) == sorted(rows)
        with walls.around(ours.number):
            if ask(found, rows) != rows[:1]:
                seen.add(model._meta.label)
    assert seen == SEEN_BY_ALL


def test_a_school_changes_no_row_of_another(theirs: Everything, ours: Everything) -> None:
    for model in WALLED:
        key, table = model._meta.pk.column, model._meta.db_table
        row = theirs.row_of(model).pk
        with walls.around(ours.number):
            for statement in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):  # noqa: S608
                assert changed(f"{statement} WHERE {key} = %s", row) == 0, statement


def test_a_school_adds_no_row_to_another(theirs: Everything, ours: Everything) -> None:
    for model in WALLED:
        fields = [field.column for field in model._meta.concrete_fields if not field.generated]
        columns, table = ", ".join(fields), model._meta.db_table
        of_theirs = f"SELECT to_jsonb(t)::text FROM {table} t WHERE {model._meta.pk.column} = %s"  # noqa: S608
        row = ask(of_theirs, theirs.row_of(model).pk)
        insert = (
            f"INSERT INTO {table} ({columns}) "  # noqa: S608
            f"SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s)"
        )
        with walls.around(ours.number), pytest.raises(ProgrammingError, match="row-level security"):
            changed(insert, row)


def test_nothing_is_found_with_the_role_alone(ours: Everything) -> None:
    del ours
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE switchyard_school")
    assert ask("SELECT count(*) FROM uploads_student") == 0
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.fixture
def asked_by(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Around which school the wall stood whenever the list of jobs was asked for."""
    stood: list[int | None] = []
    everything = Job.objects.all

    def visible(_: Any, person: Person) -> Any:
        del person
        stood.append(walls.standing())
        return everything().none()

    monkeypatch.setattr("jobs.models.tenancy.SchoolQuerySet.visible_to", visible)
    return stood


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.AUDITOR])
def test_requests_of_a_schools_people_are_walled(role: Role, asked_by: list[int | None]) -> None:
    person, client = make_person(role=role), Client()
    client.force_login(person)
    assert client.get("/jobs/").status_code == 200
    assert set(asked_by) == {person.school_id}
    assert walls.standing() is None


@pytest.mark.parametrize("role", [Role.OPS, Role.ADMIN])
def test_requests_of_the_platforms_people_are_not(role: Role, asked_by: list[int | None]) -> None:
    client = Client()
    client.force_login(make_person(role=role))
    assert client.get("/jobs/").status_code == 200
    assert set(asked_by) == {None}


def role_now() -> str:
    return str(ask("SELECT current_user"))


def test_a_wall_that_a_rollback_took_down_stands_again(ours: Everything) -> None:
    with walls.around(ours.number):
        with transaction.atomic():
            assert role_now() == "switchyard_school"
            transaction.set_rollback(True)
        assert role_now() == "switchyard_school"
        with pytest.raises(ProgrammingError), transaction.atomic():
            ask("SELECT nothing")
        assert role_now() == "switchyard_school"
    assert role_now() != "switchyard_school"


def test_a_statement_that_failed_with_the_telling_leaves_the_wall_right(ours: Everything) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), walls.around(ours.number):
        ask("SELECT nothing")
    assert role_now() != "switchyard_school"
    with walls.around(ours.number):
        assert role_now() == "switchyard_school"


def test_rows_read_in_pieces_are_those_of_the_school(theirs: Everything, ours: Everything) -> None:
    del theirs
    with walls.around(ours.number):
        found = {person.school_id for person in Person.objects.filter(school_id__gt=0).iterator(chunk_size=1)}
    assert found == {ours.number}
