"""How long things are kept: changed on a page that tells before what would be deleted, and taken back."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs.models import Job, LaneMinute, Notification, School, TypedForm
from jobs.outliving import compare, keeping_now
from jobs.pruning import prune
from jobs.sections import History
from jobs.settings import look_again
from jobs.testing import make_person, make_school
from tests.jobs.settings_pages.conftest import send, text_of

RETENTION = "/ops/settings/sections/history/"


def ended(school: School, *, days_ago: float, number: int = 1) -> Job:
    """Return a job that ended some days ago."""
    at = timezone.now() - timedelta(days=days_ago)
    return Job.objects.create(
        school=school, kind="packets.build", lane="packets", key=str(number), arguments={}, state="done",
        parts_open=0, created_at=at, ended_at=at,
    )  # fmt: skip


def test_page_tells_what_a_shorter_time_would_delete_and_deletes_nothing(admin: Client) -> None:
    ended(make_school(), days_ago=40)
    ended(make_school(), days_ago=400)
    page = text_of(send(admin, RETENTION, button="preview", jobs_days="30").content.decode())
    assert "Retention: jobs days: 365 → 30" in page
    assert "Ended jobs, with their parts and results 1 2" in page
    assert "What was deleted does not come back when this change is taken back." in page
    assert "played through" not in page, "no job waits for it"
    assert Job.objects.count() == 2


def test_what_the_page_told_is_what_pruning_deletes(admin: Client) -> None:
    school = make_school()
    young = ended(school, days_ago=20)
    ended(school, days_ago=40, number=2)
    assert send(admin, RETENTION, jobs_days="30").status_code == 302
    look_again()
    prune(now=timezone.now())
    assert list(Job.objects.all()) == [young]


@pytest.mark.parametrize("name", [each.name for each in fields(History)])
def test_nothing_is_kept_for_less_than_a_day(admin: Client, name: str) -> None:
    answer = send(admin, RETENTION, **{name: "0.001"})
    assert answer.status_code == 422
    assert getattr(look_again().history, name) >= 1


def test_change_of_retention_is_taken_back(admin: Client) -> None:
    send(admin, RETENTION, jobs_days="30")
    admin.post("/ops/settings/changes/1/undo/", {"expecting": "1"})
    assert look_again().history.jobs_days == 365
    assert "Retention: jobs days: 30 → 365" in text_of(admin.get("/ops/settings/changes/").content.decode())


def test_school_with_days_of_its_own_is_told_by_these(admin: Client) -> None:
    own = make_school()
    School.objects.filter(pk=own.pk).update(history_days=1000)
    ended(own, days_ago=400)
    ended(make_school(), days_ago=400)
    page = text_of(send(admin, RETENTION, button="preview", jobs_days="30").content.decode())
    assert "Ended jobs, with their parts and results 1 1" in page


@pytest.mark.parametrize(
    ("name", "days"), [("notifications_days", 91), ("typed_days", 31), ("charts_days", 4)]
)
def test_what_else_is_kept_has_a_period_of_its_own(
    admin: Client, school: School, name: str, days: int
) -> None:
    person, at = make_person(), timezone.now() - timedelta(days=days - 2)
    job = ended(school, days_ago=1)
    Notification.objects.create(person=person, school=school, job=job, at=at)
    TypedForm.objects.create(person=person, school=school, form="mailing", fields="", typed_at=at)
    minute: dict[str, Any] = {"waiting": 0, "oldest_seconds": 0, "promise_seconds": 1, "ended": 0}
    LaneMinute.objects.create(at=at, lane="bulk", present=1, wanted=1, **minute)
    before = keeping_now()
    assert send(admin, RETENTION, **{name: "1"}).status_code == 302
    look_again()
    told = compare(before=before, after=keeping_now(), now=timezone.now())
    assert sum(each.after - each.before for each in told) == 1
    assert sum(each.deletes_more for each in told) == 1


def of_jobs(asked: CaptureQueriesContext) -> list[str]:
    """Return what was asked of jobs alone."""
    return [each["sql"] for each in asked if 'FROM "jobs_job" WHERE' in each["sql"]]


def test_many_are_estimated_and_not_counted(
    admin: Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, days_ago in enumerate((400, 400, 40, 40)):
        ended(school, days_ago=days_ago, number=number)
    for module in ("outliving", "templatetags.setting_words"):
        monkeypatch.setattr(f"jobs.{module}.COUNTED_ONE_BY_ONE", 2)
    monkeypatch.setattr("jobs.outliving._estimate", lambda _: 4321)
    page = text_of(send(admin, RETENTION, button="preview", jobs_days="30").content.decode())
    assert "Ended jobs, with their parts and results 2 about 4,300 " in page
    before = keeping_now()
    after = replace(before, history=replace(before.history, jobs_days=30))
    told = compare(before=before, after=after, now=timezone.now())[0]
    assert (told.before, told.after, told.deletes_more) == (2, 4321, True)


def test_estimate_is_what_postgresql_expects(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.outliving.COUNTED_ONE_BY_ONE", 2)
    for number in range(4):
        ended(school, days_ago=400, number=number)
    with CaptureQueriesContext(connection) as asked:
        told = compare(before=keeping_now(), after=keeping_now(), now=timezone.now())[0]
    assert told.before >= 3
    assert [sql.startswith("EXPLAIN") for sql in of_jobs(asked)] == [True, False] * 2


def test_nothing_is_counted_where_many_are_expected(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.outliving._estimate", lambda _: 700_123)
    with CaptureQueriesContext(connection) as asked:
        told = compare(before=keeping_now(), after=keeping_now(), now=timezone.now())[0]
    assert (told.before, of_jobs(asked)) == (700_123, [])


@pytest.mark.django_db(transaction=True)
def test_page_costs_few_queries(admin: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(5):
        admin.get(RETENTION)
