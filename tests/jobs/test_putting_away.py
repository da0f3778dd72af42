"""Putting away a job that ended with problems: home shows it no more, and all of it stays."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs import lifecycle
from jobs.models import Job, JobState, Part, Person, Role, School
from jobs.retries import PermanentFailure
from jobs.testing import make_person, make_school, run_parts

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client: Client, school: School) -> Person:
    """Staff of the school, signed in."""
    person = make_person(school=school)
    client.force_login(person)
    return person


@pytest.fixture
def troubled(steps: Any, school: School) -> Job:
    """A job of the school that ended with problems."""
    job: Job = steps.submit(school, 1, 1, title="Autumn fair")
    steps.errors.append(PermanentFailure("No such student."))
    run_parts(lane="mail")
    job.refresh_from_db()
    assert job.state == JobState.PROBLEMS
    return job


Click = Callable[..., str]


@pytest.fixture
def click(client: Client) -> Click:
    """Press a button of a job as the person who is signed in, and return the page that follows."""

    def press(job: Job, change: str, **given: str) -> str:
        return client.post(f"/jobs/{job.pk}/{change}/", given, follow=True).content.decode()

    return press


def attention(client: Client) -> str:
    """Return what home says that needs attention; empty for nothing."""
    page: str = client.get("/home/now/").content.decode()
    return page.partition('id="attention"')[2].partition("</section>")[0]


def test_one_click_on_home_puts_a_job_away_for_the_whole_school(
    client: Client, person: Person, troubled: Job, click: Click
) -> None:
    assert f'"/jobs/{troubled.pk}/put-away/"' in attention(client)
    page = click(troubled, "put-away", back="/")
    assert "Autumn fair”" in page
    assert "is put away for all of your school" in page
    assert '<h2 id="running">' in page  # home again
    client.force_login(make_person(school=person.school))
    assert attention(client) == ""
    assert "Autumn fair" in client.get("/home/now/").content.decode()  # under what ended lately
    assert "Autumn fair" in client.get("/jobs/").content.decode()


def test_page_of_the_job_puts_it_away_and_shows_it_again(
    client: Client, person: Person, troubled: Job, click: Click
) -> None:
    address = f"/jobs/{troubled.pk}/"
    assert f'"{address}put-away/"' in client.get(address).content.decode()
    page = click(troubled, "put-away")
    assert f'"{address}show-again/"' in page
    assert f'"{address}put-away/"' not in page
    assert f'"{address}put-away/"' in click(troubled, "show-again")
    assert "Autumn fair" in attention(client)
    told = troubled.events.order_by("id").values_list("what", "by")
    assert list(told)[-2:] == [("put away", person.pk), ("shown again", person.pk)]
    page = client.get(address).content.decode()
    assert "<strong>Put away</strong> by" in page
    assert "<strong>Shown again</strong> by" in page


def test_putting_away_changes_nothing_else_of_the_job(person: Person, troubled: Job, click: Click) -> None:
    before = Job.objects.values().get(pk=troubled.pk)
    parts = list(Part.objects.filter(job=troubled).values())
    click(troubled, "put-away")
    after = Job.objects.values().get(pk=troubled.pk)
    assert after.pop("put_away_at") is not None
    before.pop("put_away_at")
    assert after == before
    assert list(Part.objects.filter(job=troubled).values()) == parts


def test_second_click_is_not_written_down(person: Person, troubled: Job, click: Click) -> None:
    click(troubled, "put-away")
    assert "was put away already" in click(troubled, "put-away")
    assert troubled.events.filter(what="put away").count() == 1
    click(troubled, "show-again")
    assert "is not put away" in click(troubled, "show-again")
    assert troubled.events.filter(what="shown again").count() == 1


def test_job_that_is_tried_again_and_fails_again_needs_attention_again(
    client: Client, person: Person, troubled: Job, click: Click, steps: Any
) -> None:
    click(troubled, "put-away")
    lifecycle.retry(troubled, by=person)
    steps.errors.append(PermanentFailure("No such student."))
    run_parts(lane="mail")
    assert "Autumn fair" in attention(client)


def test_job_that_went_well_is_not_put_away(person: Person, steps: Any, school: School, click: Click) -> None:
    job = steps.submit(school, 1)
    run_parts(lane="mail")
    assert "put-away" not in click(job, "put-away").partition("</h1>")[2].partition('id="history"')[0]
    job.refresh_from_db()
    assert (job.state, job.put_away_at) == (JobState.DONE, None)


def test_next_newest_trouble_takes_the_place_of_one_that_is_put_away(
    client: Client, person: Person, troubled: Job, click: Click
) -> None:
    fields = {"school": person.school, "kind": troubled.kind, "lane": "mail", "state": JobState.FAILED}
    for number in range(5):
        at = timezone.now() - timedelta(hours=1 + number)
        Job.objects.create(key=f"{number}", title=f"Fair {number}", created_at=at, ended_at=at, **fields)
    assert "Fair 4" not in attention(client)
    click(troubled, "put-away")
    assert "Fair 4" in attention(client)


@pytest.mark.parametrize("role", [Role.OPS, Role.STAFF])
def test_nobody_puts_away_the_job_of_another_school(
    client: Client, troubled: Job, click: Click, role: str
) -> None:
    client.force_login(make_person(school=None if role == Role.OPS else make_school(), role=role))
    assert "/put-away/" not in attention(client)
    click(troubled, "put-away")
    troubled.refresh_from_db()
    assert troubled.put_away_at is None


def test_poll_of_home_says_what_changed(client: Client, person: Person, troubled: Job, click: Click) -> None:
    etag = client.get("/home/now/")["ETag"]
    assert client.get("/home/now/", headers={"If-None-Match": etag}).status_code == 304
    click(troubled, "put-away")
    client.get("/")  # takes the message
    assert client.get("/home/now/", headers={"If-None-Match": etag}).status_code == 200
