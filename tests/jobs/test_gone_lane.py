"""Jobs in a lane that a newer file of settings does not have: every page says so, and they can be stopped."""

from typing import Any

import pytest
from django.test import Client

from jobs.models import Job, JobState, Part, Person, School
from jobs.testing import make_person

SAYS = "Its lane “gone” is not in the platform"


@pytest.fixture
def job(steps: Any, school: School) -> Job:
    """A job in a lane that is not there."""
    job: Job = steps.submit(school, 3, key="a", units=3)
    Job.objects.filter(pk=job.pk).update(lane="gone")
    Part.objects.filter(job=job).update(lane="gone")
    return job


@pytest.fixture
def staff(school: School, client: Client) -> Person:
    """One of the school's staff, signed in."""
    person = make_person(school=school)
    client.force_login(person)
    return person


@pytest.mark.usefixtures("staff")
def test_its_page_says_that_its_lane_is_gone(job: Job, client: Client) -> None:
    for path in (f"/jobs/{job.pk}/", f"/jobs/{job.pk}/standing/"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert SAYS in answer.content.decode()


@pytest.mark.usefixtures("staff")
def test_home_and_list_show_it(job: Job, client: Client) -> None:
    for path in ("/", "/home/now/", "/jobs/"):
        assert client.get(path).status_code == 200


@pytest.mark.usefixtures("staff")
def test_it_can_be_stopped(job: Job, client: Client) -> None:
    client.post(f"/jobs/{job.pk}/stop/", {"reason": "Its lane is gone"})
    job.refresh_from_db()
    assert job.state == JobState.STOPPED


def test_the_pages_of_ops_show_the_others(job: Job, client: Client) -> None:
    client.force_login(make_person(role="ops"))
    for path in ("/ops/", "/ops/lanes/", "/ops/workers/", f"/jobs/{job.pk}/"):
        assert client.get(path).status_code == 200
