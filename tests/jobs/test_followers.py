"""What becomes of jobs that follow another one when that one is stopped and retried."""

from typing import Any

import pytest
from django.test import Client

from jobs import lifecycle
from jobs.models import Job, Person
from jobs.testing import make_person, make_school


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person(school=make_school(name="Northfield University"))
    client.force_login(person)
    return person


@pytest.fixture
def first(steps: Any, person: Person) -> Job:
    """A job that others follow."""
    job: Job = steps.submit(person.school, 1, key="first", title="Upload")
    return job


def test_page_says_which_job_is_to_be_retried_first(
    client: Client, first: Job, person: Person, steps: Any
) -> None:
    second = steps.submit(person.school, 1, key="second", after=[first])
    lifecycle.stop(first, by=person)
    page = client.post(f"/jobs/{second.pk}/retry/", follow=True).content.decode()
    assert f"“Upload” (job {first.pk}), which ended as: Stopped. Retry that one first." in page
