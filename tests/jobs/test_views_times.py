"""What a job's page says of its times."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from jobs import lifecycle
from jobs.learning import learn_costs
from jobs.models import Job, Person
from jobs.testing import be_present, make_person, make_school, run_parts


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person(school=make_school(name="Northfield University"))
    client.force_login(person)
    return person


def words_of(client: Client, job: Job) -> str:
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_page_tells_when_a_job_may_start_and_must_end(client: Client, steps: Any, person: Person) -> None:
    day = timezone.localdate() + timedelta(days=300)
    start, end = (datetime(day.year, day.month, day.day, hour, 30, tzinfo=UTC) for hour in (9, 18))
    job = steps.submit(person.school, 1, key="later", not_before=start, deadline=end)
    page = words_of(client, job)
    assert f"Starts not before {day:%-d %B %Y}, 09:30" in page
    assert f"Deadline {day:%-d %B %Y}, 18:30" in page
    lifecycle.pause(job, by=person)
    held = words_of(client, job)
    assert f"Deadline {day:%-d %B}" in held
    assert "Expected end" not in held
    lifecycle.stop(job, by=person)
    assert f"{day:%-d %B %Y}, 18:30" in words_of(client, job)


def test_start_that_is_an_hour_away_is_told_in_minutes(client: Client, steps: Any, person: Person) -> None:
    now = timezone.now()
    job = steps.submit(person.school, 1, key="later", not_before=now + timedelta(minutes=62, seconds=20))
    with time_machine.travel(now, tick=False):
        page = words_of(client, job)
    assert "(in 62 minutes)" in page
    assert "hour" not in page


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati"])
def test_job_that_may_start_at_the_end_of_all_calendars_is_shown(
    client: Client, steps: Any, person: Person, zone: str
) -> None:
    be_present()
    steps.submit(person.school, 10, key="learned")
    run_parts(lane="mail")
    learn_costs(now=timezone.now())
    job = steps.submit(person.school, 1, key="later", not_before=timezone.now() + timedelta(days=1))
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    Job.objects.filter(pk=job.pk).update(not_before_at=last, deadline_at=last)
    job.parts.update(ready_at=last)
    with timezone.override(zone):
        page = words_of(client, job)
    assert "not before 30 December 9999" in page
    assert "Expected end" in page
