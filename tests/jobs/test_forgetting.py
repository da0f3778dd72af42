"""What was done, by whom and why stays: the database refuses to change it, and pruning alone deletes it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from jobs import lifecycle, people, pruning
from jobs.forgetting import forgetting
from jobs.models import HoldEvent, Job, JobEvent, Person, PersonEvent, School, SettingsVersion
from jobs.testing import make_person, run_parts

pytestmark = pytest.mark.django_db

REFUSED = "is never changed, and deleted by pruning alone"
CHANGED: dict[Any, dict[str, Any]] = {
    JobEvent: {"what": "paused"},
    HoldEvent: {"by": None},
    PersonEvent: {"by": None},
    SettingsVersion: {"why": "Another reason"},
}
RECORDS = tuple(CHANGED)


@pytest.fixture
def record(school: School, steps: Any) -> Callable[[Any], Any]:
    """Makes a row of each record."""

    def made(model: Any) -> Any:
        now, person = timezone.now(), make_person(school=school)
        if model is JobEvent:
            return steps.submit(school, 1).events.first()
        if model is PersonEvent:
            people.note(about=person, by=person, what="changed a password", now=now)
        elif model is HoldEvent:
            HoldEvent.objects.create(scope="lane", name="bulk", what="paused", by=person, why="W", at=now)
        else:
            SettingsVersion.objects.create(number=1, made_at=now, made_by=person, why="W")
        return model.objects.first()

    return made


@pytest.mark.parametrize("model", RECORDS)
def test_record_is_neither_changed_nor_deleted(record: Callable[[Any], Any], model: Any) -> None:
    row = record(model)
    for change in (
        lambda: model.objects.filter(pk=row.pk).update(**CHANGED[model]),
        lambda: model.objects.filter(pk=row.pk)._raw_delete("default"),
    ):
        with pytest.raises(InternalError, match=REFUSED), transaction.atomic():
            change()
    assert model.objects.filter(pk=row.pk).exists()


def test_nothing_is_changed_even_while_old_records_are_deleted(record: Callable[[Any], Any]) -> None:
    row = record(PersonEvent)
    with pytest.raises(InternalError, match=REFUSED), forgetting():
        PersonEvent.objects.update(what="something else")
    row.refresh_from_db()
    assert row.what == "changed a password"


def test_leave_to_delete_ends_with_its_block(record: Callable[[Any], Any]) -> None:
    row = record(JobEvent)
    with forgetting():
        JobEvent.objects.filter(pk=row.pk).delete()
    again = record(HoldEvent)
    with pytest.raises(InternalError, match=REFUSED), transaction.atomic():
        HoldEvent.objects.filter(pk=again.pk).delete()


def test_old_jobs_are_pruned_with_their_events(school: School, steps: Any) -> None:
    steps.submit(school, 1)
    run_parts(lane="mail")
    pruning.prune(now=timezone.now() + timedelta(days=36_000))
    assert not Job.objects.exists()
    assert not JobEvent.objects.exists()


def test_who_did_something_is_not_deleted(record: Callable[[Any], Any]) -> None:
    by: Person = record(HoldEvent).by
    with pytest.raises(ProtectedError):
        by.delete()


def test_who_did_something_to_a_job_is_forgotten_with_their_login(school: School, steps: Any) -> None:
    job, person = steps.submit(school, 1), make_person(school=school)
    lifecycle.pause(job, by=person)
    person.delete()
    assert job.events.get(what="paused").by is None


def test_later_versions_may_add_a_column(record: Callable[[Any], Any]) -> None:
    for model in RECORDS:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {model._meta.db_table} ADD COLUMN later integer NOT NULL DEFAULT 7")
            cursor.execute(f"ALTER TABLE {model._meta.db_table} DROP COLUMN later")
