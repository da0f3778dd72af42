"""What becomes of jobs that follow another one when that one is stopped and retried."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs import lifecycle
from jobs.models import Job, JobState, PartState, Person
from jobs.retries import PermanentFailure
from jobs.supervision import end_overdue_jobs
from jobs.testing import make_person, make_school, run_parts

Following = Callable[..., Job]


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


@pytest.fixture
def following(steps: Any, person: Person) -> Following:
    """Submit a job with this key that follows others."""
    return lambda key, *after, **more: steps.submit(person.school, 1, key=key, after=after, **more)


def states(*jobs: Job) -> list[str]:
    for job in jobs:
        job.refresh_from_db()
    return [str(job.state) for job in jobs]


def whys(job: Job, what: str) -> list[str]:
    return list(job.events.filter(what=what).values_list("why", flat=True))


def test_page_says_which_job_is_to_be_retried_first(
    client: Client, first: Job, person: Person, steps: Any
) -> None:
    second = steps.submit(person.school, 1, key="second", after=[first])
    lifecycle.stop(first, by=person)
    page = client.post(f"/jobs/{second.pk}/retry/", follow=True).content.decode()
    assert f"“Upload” (job {first.pk}), which ended as: Stopped. Retry that one first." in page


def test_retry_brings_back_all_that_failed_because_of_the_job(
    first: Job, following: Following, person: Person
) -> None:
    second = following("second", first)
    third = following("third", second)
    lifecycle.stop(first, by=None)
    assert states(second, third) == ["failed", "failed"]
    told = lifecycle.retry(first, by=person)
    assert list(told) == ["2 jobs that failed because of it wait for it again."]
    assert states(first, second, third) == ["waiting"] * 3
    assert [part.state for job in (second, third) for part in job.parts.all()] == [PartState.HELD] * 2
    assert whys(second, "retried") == ["“Upload”, which it follows, is tried again."]
    assert whys(third, "retried") == [f"“{second}”, which it follows, is tried again."]
    assert second.events.get(what="retried").by == person
    run_parts(lane="mail")
    assert states(first, second, third) == ["done"] * 3


def test_retry_brings_back_what_failed_with_a_job_that_failed(
    first: Job, following: Following, steps: Any
) -> None:
    second = following("second", first)
    steps.errors.append(PermanentFailure("No such file."))
    run_parts(lane="mail")
    assert states(first, second) == ["failed", "failed"]
    lifecycle.retry(first, by=None)
    run_parts(lane="mail")
    assert states(first, second) == ["done", "done"]


def test_follower_of_another_job_that_ended_badly_stays_failed(first: Job, following: Following) -> None:
    other = following("other")
    second = following("second", first, other)
    third = following("third", second)
    lifecycle.stop(first, by=None)
    lifecycle.stop(other, by=None)
    assert lifecycle.retry(first, by=None) == ()
    assert states(second, third) == ["failed", "failed"]
    lifecycle.retry(other, by=None)
    assert states(second, third) == ["waiting", "waiting"]


def test_history_names_the_job_that_is_retried_and_no_other_that_is_followed(
    following: Following,
) -> None:
    merely_open, retried = following("open"), following("retried", title="Report")
    last = following("last", merely_open, retried)
    lifecycle.stop(retried, by=None)
    lifecycle.retry(retried, by=None)
    assert whys(last, "retried") == ["“Report”, which it follows, is tried again."]


def test_follower_that_an_earlier_version_let_fail_is_known_by_its_words(
    first: Job, following: Following
) -> None:
    second = following("second", first)
    lifecycle.stop(first, by=None)
    Job.objects.filter(pk=second.pk).update(error="It was to follow “Upload”, which ended as: Stopped.")
    lifecycle.retry(first, by=None)
    assert states(second) == ["waiting"]


def test_page_offers_no_retry_that_is_refused(client: Client, first: Job, following: Following) -> None:
    second = following("second", first)
    lifecycle.stop(first, by=None)
    assert f"/jobs/{second.pk}/retry/" not in client.get(f"/jobs/{second.pk}/").content.decode()
    assert f"/jobs/{first.pk}/retry/" in client.get(f"/jobs/{first.pk}/").content.decode()


def test_part_that_a_retry_brings_back_knows_its_kind(first: Job) -> None:
    lifecycle.stop(first, by=None)
    first.parts.update(kind="")  # as an earlier version wrote it
    lifecycle.retry(first, by=None)
    assert set(first.parts.values_list("kind", flat=True)) == {"tests.steps"}


def test_follower_of_two_that_failed_with_the_same_job_is_brought_back_once(
    first: Job, following: Following
) -> None:
    left, right = following("left", first), following("right", first)
    last = following("last", left, right)
    lifecycle.stop(first, by=None)
    assert states(left, right, last) == ["failed"] * 3
    lifecycle.retry(first, by=None)
    assert states(left, right, last) == ["waiting"] * 3
    assert last.events.filter(what="retried").count() == 1


def test_follower_that_ended_for_a_reason_of_its_own_stays_as_it_is(first: Job, following: Following) -> None:
    stopped = following("stopped", first)
    overdue = following("overdue", first, deadline=timezone.now() + timedelta(hours=1))
    lifecycle.stop(stopped, by=None)
    assert end_overdue_jobs(now=timezone.now() + timedelta(hours=2)) == 1
    lifecycle.stop(first, by=None)
    assert lifecycle.retry(first, by=None) == ()
    assert states(stopped, overdue) == ["stopped", "failed"]


def test_stop_says_how_many_jobs_end_with_it_before_and_after(
    client: Client, first: Job, following: Following
) -> None:
    second = following("second", first)
    following("third", second)
    page = client.get(f"/jobs/{first.pk}/stop/").content.decode()
    assert "2 jobs that follow it end with it" in page
    page = client.post(f"/jobs/{first.pk}/stop/", follow=True).content.decode()
    assert "2 jobs that follow it ended with it; a retry of it brings them back." in page
    page = client.post(f"/jobs/{first.pk}/retry/", follow=True).content.decode()
    assert "2 jobs that failed because of it wait for it again." in page
    lifecycle.stop(second, by=None)
    page = client.get(f"/jobs/{first.pk}/stop/").content.decode()
    assert "that follow" not in page


def test_retry_keeps_a_deadline_that_is_ahead(first: Job, following: Following) -> None:
    ahead = timezone.now() + timedelta(hours=1)
    second = following("second", first, deadline=ahead)
    lifecycle.stop(second, by=None)
    assert lifecycle.retry(second, by=None) == ()
    assert states(second) == [JobState.WAITING]
    assert second.deadline_at == ahead


def test_retry_after_the_deadline_goes_without_it_and_says_so(
    client: Client, first: Job, following: Following
) -> None:
    now = timezone.now()
    first_overdue = following("overdue", deadline=now + timedelta(hours=1))
    second = following("second", first_overdue, deadline=now + timedelta(hours=2))
    assert end_overdue_jobs(now=now + timedelta(minutes=61)) == 1
    assert states(first_overdue, second) == ["failed", "failed"]
    with time_machine.travel(now + timedelta(hours=3), tick=False):
        told = lifecycle.retry(first_overdue, by=None, why="Now it works")
        assert end_overdue_jobs(now=timezone.now()) == 0
    moment = f"{timezone.localtime(now + timedelta(hours=1)):%-d %b %Y, %H:%M}"
    said = f"Tried again without its deadline of {moment}, which had passed."
    assert list(told) == [said, "1 job that failed because of it waits for it again."]
    assert whys(first_overdue, "retried") == ["Now it works"]
    assert whys(first_overdue, "deadline dropped") == [said]
    assert len(whys(second, "deadline dropped")) == 1
    assert said in client.get(f"/jobs/{first_overdue.pk}/").content.decode()
    assert states(first_overdue, second) == ["waiting", "waiting"]
    assert (first_overdue.deadline_at, second.deadline_at) == (None, None)


def test_all_jobs_are_locked_before_a_share_is(first: Job, following: Following) -> None:
    following("second", first)
    lifecycle.stop(first, by=None)
    with CaptureQueriesContext(connection) as asked:
        lifecycle.retry(first, by=None)
    asked_for = [query["sql"] for query in asked]
    locks = [place for place, sql in enumerate(asked_for) if "FOR UPDATE" in sql]
    shares = [place for place, sql in enumerate(asked_for) if "INSERT INTO jobs_share" in sql]
    assert max(locks) < min(shares)
