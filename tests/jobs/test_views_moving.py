"""Pages of jobs that were moved to slow lanes: the reason, and the click that moves them back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import moving
from jobs.models import Cost, Detour, Job, Role, School
from jobs.testing import be_present, make_person, make_school

WHY = "It took 30 times as long as usual."
MOVED_AT = datetime(2026, 5, 4, 14, 5, tzinfo=UTC)
NOW_WHY = "It took 3 times as long as usual."


@pytest.fixture
def job(steps: Any, school: School) -> Job:
    """A job that was moved to a slow lane."""
    job: Job = steps.submit(school, 4, title="Autumn fair")
    assert moving.move_aside(job, to="bulk-slow", why=WHY, now=MOVED_AT)
    return job


def test_staff_see_why_their_job_was_moved_and_cannot_move_it_back(client: Client, job: Job) -> None:
    client.force_login(make_person(school=job.school))
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "moved to the lane for slow work" in page
    assert "On 4 May at 14:05 it took 30 times as long as usual." in page
    assert WHY in page, "in its history"
    assert "move-back" not in page
    assert "Moved to the slow lane" in page
    assert client.post(f"/jobs/{job.pk}/move-back/").status_code == 403
    assert Job.objects.get().lane == "bulk-slow"


def test_ops_move_a_job_back_by_a_click_and_let_it_be_moved_again(client: Client, job: Job) -> None:
    ops = make_person(role=Role.OPS)
    client.force_login(ops)
    assert "Move it back to mail" in client.get(f"/jobs/{job.pk}/").content.decode()
    page = client.post(f"/jobs/{job.pk}/move-back/", follow=True).content.decode()
    assert "is in the lane mail" in page
    assert "it stays there, however slow it is" in page
    assert Job.objects.get().lane == "mail"
    assert Detour.objects.get().is_pinned
    assert job.events.get(what="moved back").by == ops
    client.post(f"/jobs/{job.pk}/let-move/")
    assert not Detour.objects.get().is_pinned
    again = client.post(f"/jobs/{job.pk}/move-back/", follow=True).content.decode()
    assert "cannot be moved back" in again


def test_operations_page_lists_what_was_moved(
    client: Client, job: Job, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(make_person(role=Role.OPS))
    page = client.get("/ops/").content.decode()
    assert "mail → bulk-slow" in page
    assert "On 4 May at 14:05 it took 30 times as long as usual." in page
    assert "was moved from mail to bulk-slow" in page
    assert f'<p><strong><a href="/jobs/{job.pk}/">{job}</a></strong> of ' in page
    Job.objects.update(state="done", ended_at=timezone.now())
    with django_assert_max_num_queries(15):
        page = client.get("/ops/").content.decode()
    assert "it took 30 times" not in page
    assert "was moved from" not in page


def seen(job: Job, *, at: datetime) -> None:
    """Let a later look have seen the job."""
    Detour.objects.filter(job=job).update(lately=NOW_WHY, seen_at=at)


def test_what_was_seen_since_the_move_is_told_with_its_time(client: Client, job: Job) -> None:
    client.force_login(make_person(role=Role.OPS))
    told = "On 4 May at 14:09 it took 3 times as long as usual."
    addresses = (f"/jobs/{job.pk}/", "/ops/")
    assert all(told not in client.get(address).content.decode() for address in addresses)
    seen(job, at=MOVED_AT + timedelta(minutes=4))
    assert all(told in client.get(address).content.decode() for address in addresses)
    seen(job, at=MOVED_AT + timedelta(seconds=59))
    assert all("3 times" not in client.get(address).content.decode() for address in addresses)


def test_job_that_a_person_moved_back_tells_what_was_seen_last(client: Client, job: Job) -> None:
    client.force_login(make_person(role=Role.OPS))
    client.post(f"/jobs/{job.pk}/move-back/")
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "it stays there, however slow it is" in page
    assert "On 4 May" not in page
    seen(job, at=MOVED_AT + timedelta(minutes=4))
    assert "On 4 May at 14:09 it took 3 times as long" in client.get(f"/jobs/{job.pk}/").content.decode()


def test_job_page_and_list_tell_the_expected_range(client: Client, steps: Any, school: School) -> None:
    now = timezone.now()
    be_present()
    Cost.objects.create(kind="tests.steps", unit_seconds=30, units=100, learned_at=now)
    job = steps.submit(school, 400, units=400)
    client.force_login(make_person(school=school))
    assert "between " in client.get(f"/jobs/{job.pk}/").content.decode()
    assert "ends between " in client.get("/jobs/").content.decode()
    assert "ends between " in client.get("/").content.decode()


def test_another_schools_moved_job_is_not_found(client: Client, job: Job) -> None:
    client.force_login(make_person(role=Role.ADMIN, school=make_school()))
    assert client.post(f"/jobs/{job.pk}/move-back/").status_code == 404
