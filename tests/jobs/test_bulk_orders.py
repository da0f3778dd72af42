"""More jobs than a click can change are changed by a job of the platform, in parts, and none twice."""

from typing import Any
from unittest import mock

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from jobs import bulk, bulk_orders, lifecycle
from jobs.models import BulkChange, Job, JobState, Person, Role, School
from jobs.models.people import PLATFORM
from jobs.retries import PermanentFailure
from jobs.settings import switchyard
from jobs.testing import make_person, run_parts
from tests.jobs.test_bulk import do

PAGE = "/ops/jobs/"
CHANGES = "/ops/jobs/changes/"


@pytest.fixture
def ops(client: Client, steps: Any, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Someone of operations, to whom three jobs are many; a part changes two of them."""
    monkeypatch.setattr(bulk, "MOST", 2)
    monkeypatch.setattr(bulk_orders, "JOBS_A_PART", 2)
    person = make_person(role=Role.OPS)
    client.force_login(person)
    return person


@pytest.fixture
def many(ops: Person, steps: Any, school: School) -> list[Job]:
    """Three jobs that wait."""
    return [steps.submit(school, 1, key=key) for key in ("one", "two", "three")]


def states(jobs: list[Job]) -> set[str]:
    """Return the states that the jobs have now."""
    return set(Job.objects.filter(pk__in=[job.pk for job in jobs]).values_list("state", flat=True))


def changer() -> Job:
    """Return the job that changes the others."""
    return Job.objects.get(kind=bulk.KIND)


def change_all() -> None:
    """Let a worker do what was ordered."""
    run_parts(lane=bulk_orders.LANE)


def test_many_jobs_are_stopped_in_parts_by_a_job_of_the_platform(client: Client, many: list[Job]) -> None:
    page = do(client, "stop", 3)
    assert "Stop: 3 jobs, one after the other." in page
    assert "0 of 3" in page
    assert states(many) == {JobState.WAITING}, "the click itself changes none"
    change_all()
    assert states(many) == {JobState.STOPPED}
    job = changer()
    assert (job.state, job.units_done, job.units_failed) == (JobState.DONE, 3, 0)
    assert (job.school.slug, job.lane, job.title) == (PLATFORM, bulk_orders.LANE, "Stop 3 jobs")
    assert job.parts.filter(step="work").count() == 2
    assert "3 of 3" in client.get(CHANGES).content.decode()


def test_each_job_and_one_line_keep_who_did_it_and_why(client: Client, many: list[Job], ops: Person) -> None:
    do(client, "stop", 3)
    change_all()
    events = [job.events.get(what="stopped") for job in many]
    assert {(event.by, event.why) for event in events} == {(ops, "The relay was down.")}
    line = BulkChange.objects.get()
    assert (line.by, line.why, line.count) == (ops, "The relay was down.", 3)
    assert line.ids == [job.pk for job in many]


def test_job_that_came_after_the_click_is_left_alone(
    client: Client, many: list[Job], steps: Any, school: School
) -> None:
    do(client, "stop", 3)
    later = steps.submit(school, 1, key="later")
    change_all()
    assert states([later]) == {JobState.WAITING}


def test_part_whose_worker_was_lost_changes_no_job_twice(client: Client, many: list[Job], steps: Any) -> None:
    steps.errors = [PermanentFailure("Broken.")] * 3
    run_parts(lane="mail")
    do(client, "retry", 3)
    change_all()
    steps.errors = [PermanentFailure("Broken again.")] * 3
    run_parts(lane="mail")
    part = changer().parts.filter(step="work").order_by("pk").first()
    reported: list[tuple[int, int]] = []
    again = mock.Mock(job=changer(), arguments=part.arguments, units=2)
    again.report.side_effect = lambda *, done, failed: reported.append((done, failed))
    bulk_orders.work(again)
    assert reported[-1] == (2, 0), "they count as done"
    assert {job.events.filter(what="retried").count() for job in many} == {1}


def test_job_that_refuses_counts_as_failed_and_keeps_no_other_back(client: Client, many: list[Job]) -> None:
    do(client, "stop", 3)
    lifecycle.stop(many[0], by=None)
    change_all()
    assert (changer().state, changer().units_done, changer().units_failed) == (JobState.PROBLEMS, 2, 1)


def test_jobs_are_moved_by_order_too(client: Client, many: list[Job]) -> None:
    lane = next(each for each in switchyard().lanes if each not in ("mail", "codes"))
    do(client, "move", 3, to=lane)
    change_all()
    assert {job.lane for job in Job.objects.filter(pk__in=[job.pk for job in many])} == {lane}


def test_order_that_is_stopped_changes_nothing_more(client: Client, many: list[Job]) -> None:
    do(client, "stop", 3)
    lifecycle.stop(changer(), by=None)
    change_all()
    assert states(many) == {JobState.WAITING}


def test_same_order_is_not_given_twice(client: Client, many: list[Job]) -> None:
    do(client, "stop", 3)
    assert "The same is done to these jobs already." in do(client, "stop", 3)
    assert Job.objects.filter(kind=bulk.KIND).count() == 1


def test_orders_do_not_choose_each_other(client: Client, many: list[Job]) -> None:
    do(client, "stop", 3)
    found = bulk.those_that_can(Job.objects.all(), bulk.Action.STOP)
    assert set(found) == set(many)


@pytest.mark.parametrize("typed", [4, 100])
def test_number_that_is_typed_must_be_that_of_the_jobs(client: Client, many: list[Job], typed: int) -> None:
    assert "3 jobs fit the choice now, and not" in do(client, "stop", typed)
    assert not Job.objects.filter(kind=bulk.KIND).exists()


def test_staff_see_no_progress_of_orders(client: Client, many: list[Job], school: School) -> None:
    do(client, "stop", 3)
    client.force_login(make_person(school=school))
    assert client.get(CHANGES).status_code == 403
    assert client.get(f"/jobs/{changer().pk}/").status_code == 404


def test_without_its_lane_a_click_changes_what_it_can(
    client: Client, many: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_orders, "LANE", "nowhere")
    assert "More than 2 jobs fit." in client.get(PAGE, {"action": "stop"}).content.decode()
    do(client, "stop", 2)
    assert states(many) == {JobState.STOPPED, JobState.WAITING}


def test_progress_costs_few_queries(
    client: Client, many: list[Job], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    do(client, "stop", 3)
    client.get(CHANGES)
    with django_assert_num_queries(4):
        client.get(CHANGES)
