"""A glance at a job: it shows what changes at a moment, to those who may see the job."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import lifecycle
from jobs.claiming import claim
from jobs.glances import SOON, glance
from jobs.models import Breaker, Hold, Job, Part, PartState, Person, Role, School, WorkerPresence
from jobs.settings import switchyard
from jobs.testing import make_person, make_school, run_parts

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def person(school: School) -> Person:
    """Staff of the school."""
    return make_person(school=school)


@pytest.fixture
def job(steps: Any, school: School) -> Job:
    """A planned job of two parts that wait."""
    job: Job = steps.submit(school, 10, 10)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)
    return job


def seen(job: Job, person: Person, *, now: datetime = NOW) -> str:
    return glance(job.pk, person=person, now=now)


def begin(job: Job, _person: Person) -> None:
    claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())


def report(job: Job, _person: Person) -> None:
    Part.objects.filter(job=job, state=PartState.WAITING).update(units_done=1)


def pause(job: Job, person: Person) -> None:
    lifecycle.pause(job, by=person, why="")


def stop(job: Job, person: Person) -> None:
    lifecycle.stop(job, by=person, why="")


def end(_job: Job, _person: Person) -> None:
    run_parts(lane="mail")


def hold_the_lane(_job: Job, _person: Person) -> None:
    Hold.objects.create(scope="lane", name="mail", mode="pause", why="Snow", at=NOW)


def drain_in_place_of_a_pause(_job: Job, _person: Person) -> None:
    Hold.objects.update_or_create(scope="lane", name="mail", defaults={"mode": "drain", "at": timezone.now()})


def break_a_service(_job: Job, _person: Person) -> None:
    Breaker.objects.create(name="relay", state="open", opened_at=NOW, retry_at=NOW)


def let_a_worker_come(_job: Job, _person: Person) -> None:
    WorkerPresence.objects.create(name="mail@a-1", lane="mail", slots=4, started_at=NOW, beat_at=NOW)


@pytest.mark.parametrize(
    "change", [begin, report, pause, stop, end, hold_the_lane, break_a_service, let_a_worker_come]
)
def test_what_changes_at_a_moment_is_seen(
    job: Job, person: Person, change: Callable[[Job, Person], None]
) -> None:
    before = seen(job, person)
    assert before == seen(job, person, now=NOW + timedelta(seconds=1))
    change(job, person)
    assert seen(job, person) != before


def test_span_that_is_told_by_the_second_is_never_the_same(job: Job, person: Person) -> None:
    def at(ready_at: datetime) -> list[str]:
        Part.objects.filter(state=PartState.WAITING).update(state=PartState.DELAYED)
        Part.objects.filter(state=PartState.DELAYED).update(ready_at=ready_at)
        return [seen(job, person, now=NOW + timedelta(seconds=second)) for second in (0, 1)]

    assert len(set(at(NOW + SOON / 2))) == 2
    assert len(set(at(NOW + SOON * 2))) == 1


def test_nobody_glances_at_a_job_of_another_school(job: Job, person: Person) -> None:
    assert seen(job, person)
    assert not seen(job, make_person(school=make_school(name="Lakeside College")))
    assert seen(job, make_person(role=Role.OPS))
    assert not glance(job.pk + 1, person=person, now=NOW)


@pytest.fixture
def client(person: Person) -> Client:
    """The browser of the person."""
    browser = Client()
    browser.force_login(person)
    return browser


def poll(client: Client, job: Job, *, etag: str = "") -> Any:
    return client.get(
        f"/jobs/{job.pk}/standing/?state=waiting", headers={"If-None-Match": etag} if etag else {}
    )


def test_poll_of_what_is_the_same_costs_three_queries(
    client: Client, job: Job, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    etag = poll(client, job)["ETag"]
    with django_assert_num_queries(3):  # the session, the person and the glance
        assert poll(client, job, etag=etag).status_code == 304


@pytest.mark.parametrize("change", [begin, report, pause, stop, end, hold_the_lane])
def test_change_is_told_by_the_next_poll(
    client: Client, job: Job, person: Person, change: Callable[[Job, Person], None]
) -> None:
    etag = poll(client, job)["ETag"]
    change(job, person)
    assert poll(client, job, etag=etag).status_code == 200


def test_etag_of_another_school_leads_to_no_job(client: Client, job: Job) -> None:
    etag = poll(client, job)["ETag"]
    client.force_login(make_person(school=make_school(name="Lakeside College")))
    assert poll(client, job, etag=etag).status_code == 404


def test_who_was_signed_out_gets_no_answer_by_an_etag(client: Client, job: Job) -> None:
    etag = poll(client, job)["ETag"]
    client.session.flush()
    assert poll(client, job, etag=etag).status_code == 302


def test_person_who_was_shut_out_gets_no_answer_by_an_etag(client: Client, job: Job, person: Person) -> None:
    etag = poll(client, job)["ETag"]
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert poll(client, job, etag=etag).status_code == 302


def test_expected_times_are_told_anew_after_some_seconds(client: Client, job: Job, steps: Any) -> None:
    etag = poll(client, job)["ETag"]
    with time_machine.travel(timezone.now() + timedelta(seconds=10)):
        again = poll(client, job, etag=etag)
    assert again["ETag"] != etag
