"""What a job's page says of its times."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from jobs import lifecycle
from jobs.models import Job, Person
from jobs.testing import make_person, make_school


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person(school=make_school(name="Northfield University"))
    client.force_login(person)
    return person


def words_of(client: Client, job: Job) -> str:
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_page_tells_when_a_job_may_start_and_must_end(client: Client, steps: Any, person: Person) -> None:
    start, end = datetime(2999, 5, 4, 9, 30, tzinfo=UTC), datetime(2999, 5, 4, 18, 0, tzinfo=UTC)
    job = steps.submit(person.school, 1, key="later", not_before=start, deadline=end)
    page = words_of(client, job)
    assert "Starts not before 4 May 2999, 09:30" in page
    assert "Deadline 4 May 2999, 18:00" in page
    lifecycle.pause(job, by=person)
    held = words_of(client, job)
    assert "Deadline 4 May" in held
    assert "Expected end" not in held
    lifecycle.stop(job, by=person)
    assert "4 May 2999, 18:00" in words_of(client, job)


def test_start_that_is_an_hour_away_is_told_in_minutes(client: Client, steps: Any, person: Person) -> None:
    now = timezone.now()
    job = steps.submit(person.school, 1, key="later", not_before=now + timedelta(minutes=62, seconds=20))
    with time_machine.travel(now, tick=False):
        page = words_of(client, job)
    assert "(in 62 minutes)" in page
    assert "hour" not in page
