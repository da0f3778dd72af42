"""Stopping, pausing, resuming and retrying a job on its page, and what its page tells of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from jobs import lifecycle, returning
from jobs.claiming import claim
from jobs.models import Attempt, AttemptOutcome, Job, JobState, Part, Person, Role
from jobs.retries import PermanentFailure, TemporaryFailure
from jobs.settings import switchyard
from jobs.supervision import free_parts_of
from jobs.testing import let_time_come, make_person, make_school, run_parts

CHANGES = ("stop", "pause", "resume", "retry")


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person(school=make_school(name="Northfield University"))
    client.force_login(person)
    return person


@pytest.fixture
def job(steps: Any, person: Person) -> Job:
    """A job of the person's school that waits."""
    job: Job = steps.submit(person.school, 1, 1, title="Autumn fair")
    return job


def page_of(client: Client, job: Job, **given: Any) -> str:
    return client.get(f"/jobs/{job.pk}/", given).content.decode()


def offered(client: Client, job: Job) -> set[str]:
    """Return the changes that the job's page offers."""
    page = page_of(client, job)
    return {change for change in CHANGES if f'"/jobs/{job.pk}/{change}/"' in page}


def change(client: Client, job: Job, name: str, **given: str) -> str:
    answer = client.post(f"/jobs/{job.pk}/{name}/", given, follow=True)
    job.refresh_from_db()
    return answer.content.decode()


def test_page_offers_what_the_state_allows(client: Client, job: Job, steps: Any) -> None:
    assert offered(client, job) == {"stop", "pause"}
    lifecycle.pause(job, by=None)
    assert offered(client, job) == {"stop", "resume"}
    lifecycle.stop(job, by=None)
    assert offered(client, job) == {"retry"}
    lifecycle.retry(job, by=None)
    assert offered(client, job) == {"stop", "pause"}
    run_parts(lane="mail")
    assert offered(client, job) == set()


def test_job_with_failures_offers_to_try_them_again(client: Client, job: Job, steps: Any) -> None:
    steps.errors.append(PermanentFailure("No such student."))
    run_parts(lane="mail")
    assert "Try again what failed" in page_of(client, job)
    assert "is tried again" in change(client, job, "retry")
    run_parts(lane="mail")
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_stop_asks_first_and_keeps_the_reason(client: Client, job: Job, person: Person) -> None:
    question = client.get(f"/jobs/{job.pk}/stop/").content.decode()
    assert "Stop this job" in question
    assert "What was done until then stays done." in question
    job.refresh_from_db()
    assert job.state == JobState.WAITING
    answer = change(client, job, "stop", why="Wrong students")
    assert "“Autumn fair” was stopped" in answer
    event = job.events.latest("id")
    assert (event.what, event.by, event.why) == ("stopped", person, "Wrong students")
    assert "Wrong students" in answer


def test_question_about_a_job_that_has_ended_leads_back(client: Client, job: Job) -> None:
    lifecycle.stop(job, by=None)
    assert client.get(f"/jobs/{job.pk}/stop/")["Location"] == f"/jobs/{job.pk}/"


def test_pause_and_resume_are_said_and_done(client: Client, job: Job) -> None:
    assert "is paused" in change(client, job, "pause")
    assert job.state == JobState.PAUSED
    page = page_of(client, job)
    assert '<span class="badge paused">Paused</span>' in page
    assert "Resume it to let it go on" in page
    assert "Expected end" not in page
    assert "goes on where it was" in change(client, job, "resume")
    assert job.state == JobState.WAITING


@pytest.mark.parametrize("name", CHANGES)
def test_change_that_is_no_longer_possible_is_told_in_a_sentence(client: Client, job: Job, name: str) -> None:
    run_parts(lane="mail")
    assert "cannot be" in change(client, job, name)
    assert job.state == JobState.DONE


@pytest.mark.parametrize("name", ["pause", "resume", "retry"])
def test_change_is_made_by_post_only(client: Client, job: Job, name: str) -> None:
    assert client.get(f"/jobs/{job.pk}/{name}/").status_code == 405


@pytest.mark.parametrize("name", CHANGES)
def test_form_of_another_site_changes_nothing(job: Job, person: Person, name: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    assert strict.post(f"/jobs/{job.pk}/{name}/").status_code == 403


@pytest.mark.parametrize("name", CHANGES)
def test_job_of_another_school_cannot_be_changed(client: Client, job: Job, name: str) -> None:
    client.force_login(make_person(school=make_school()))
    assert client.post(f"/jobs/{job.pk}/{name}/").status_code == 404
    job.refresh_from_db()
    assert job.state == JobState.WAITING


@pytest.mark.parametrize("address", ["stop/", "history/"])
def test_pages_of_another_schools_job_answer_404(client: Client, job: Job, address: str) -> None:
    client.force_login(make_person(school=make_school()))
    assert client.get(f"/jobs/{job.pk}/{address}").status_code == 404


@pytest.mark.parametrize("role", [Role.OPS, Role.ADMIN])
def test_ops_and_admins_may_change_every_schools_jobs(client: Client, job: Job, role: str) -> None:
    client.force_login(make_person(role=role))
    change(client, job, "pause")
    assert job.state == JobState.PAUSED


def test_buttons_change_with_the_state_while_the_page_is_open(client: Client, job: Job) -> None:
    address = f"/jobs/{job.pk}/standing/"
    assert 'id="actions"' not in client.get(address, {"state": "waiting"}).content.decode()
    lifecycle.pause(job, by=None)
    refreshed = client.get(address, {"state": "waiting"}).content.decode()
    assert 'id="actions" hx-swap-oob="true"' in refreshed
    assert f'action="/jobs/{job.pk}/resume/"' in refreshed
    assert "csrfmiddlewaretoken" in refreshed


def test_page_of_a_stopped_job_refreshes_until_nothing_of_it_is_at_work(client: Client, job: Job) -> None:
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert held is not None
    lifecycle.stop(job, by=None)
    page = page_of(client, job)
    assert f'hx-get="/jobs/{job.pk}/standing/?state=finishing&amp;troubles=0"' in page
    assert page.count("data-live") == 3
    assert "1 part of it is finishing now" in page
    returning.leave(held, seconds=1)
    answer = client.get(f"/jobs/{job.pk}/standing/", {"state": "finishing", "troubles": "0"})
    refreshed = answer.content.decode()
    assert answer["HX-Trigger"] == "job-changed"
    assert "Nothing of it is at work any more" in refreshed
    assert 'id="actions" hx-swap-oob="true"' in refreshed
    assert "data-live" not in refreshed + page_of(client, job)


def test_rest_of_the_page_follows_when_there_is_more_trouble(client: Client, job: Job) -> None:
    address = f"/jobs/{job.pk}/standing/"
    assert "HX-Trigger" not in client.get(address, {"state": "waiting", "troubles": "0"})
    Job.objects.filter(pk=job.pk).update(units_total=2, units_failed=1)
    answer = client.get(address, {"state": "waiting", "troubles": "0"})
    assert answer["HX-Trigger"] == "job-changed"
    assert "actions" not in answer.content.decode()


@pytest.mark.parametrize(
    ("back", "leads_to"),
    [
        ("/uploads/7/", "/uploads/7/"),
        ("https://evil.example/", ""),
        ("//evil.example/", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_change_leads_back_to_a_page_of_this_site_only(
    client: Client, job: Job, back: str, leads_to: str
) -> None:
    question = client.get(f"/jobs/{job.pk}/stop/", {"back": back}).content.decode()
    expected = leads_to or f"/jobs/{job.pk}/"
    assert f'href="{expected}">Let it go on' in question
    assert f'name="back" value="{expected}"' in question
    for name in ("pause", "stop"):
        assert client.post(f"/jobs/{job.pk}/{name}/", {"back": back})["Location"] == expected


def test_scheduled_job_tells_its_time(client: Client, steps: Any, person: Person) -> None:
    start = timezone.now() + timedelta(hours=30)
    job = steps.submit(person.school, 1, key="later", not_before=start)
    page = page_of(client, job)
    assert "It was scheduled and starts in 30 hours." in page
    assert "Place in line" not in page


def test_job_that_follows_says_so(client: Client, steps: Any, job: Job, person: Person) -> None:
    follower = steps.submit(person.school, 1, key="next", after=[job])
    page = page_of(client, follower)
    assert "It follows 1 other job" in page
    assert "Expected end" not in page


def test_history_tells_who_did_what_and_why(client: Client, job: Job, person: Person) -> None:
    change(client, job, "pause", why="Budget <b>")
    page = page_of(client, job)
    assert f"<strong>Paused</strong> by {person.name}" in page
    assert "Budget &lt;b&gt;" in page
    assert "2 changes" in page


def test_history_shows_each_attempt_at_a_part_that_failed(client: Client, job: Job, steps: Any) -> None:
    steps.errors.extend([TemporaryFailure("Busy."), TemporaryFailure("Still busy."), PermanentFailure("No.")])
    while run_parts(lane="mail") or let_time_come():
        pass
    page = page_of(client, job)
    assert "parts with trouble" in page
    for told in ("Attempt 1: tried again later", "Busy.", "Still busy.", "on test"):
        assert told in page


def test_part_set_aside_as_poison_is_named_with_what_is_known(client: Client, job: Job) -> None:
    Part.objects.update(deaths=2)
    claim(lane=switchyard().lanes["mail"], worker="mail@one", now=timezone.now())
    killed = "The worker was ended by signal 9 (SIGKILL)."
    free_parts_of(worker="mail@one", how=killed, now=timezone.now())
    page = page_of(client, job)
    assert killed in page
    assert "1 part with trouble" in page
    assert "was set aside" in page
    assert "3 workers lost" in page
    assert "its worker was lost" in page


def test_part_that_was_handed_back_is_no_trouble(client: Client, job: Job) -> None:
    part = job.parts.get()
    now = timezone.now()
    Attempt.objects.create(
        part=part, number=1, worker="w", claimed_at=now, ended_at=now, outcome=AttemptOutcome.HANDED_BACK
    )
    assert "with trouble" not in page_of(client, job)


def trouble(job: Job, *, parts: int, attempts: int, events: int) -> None:
    now = timezone.now()
    part = job.parts.get()
    made = Part.objects.bulk_create(
        [
            Part(job=job, school=job.school, lane="mail", state="failed", error="No.", ready_at=now)
            for _ in range(parts)
        ]
    )
    Attempt.objects.bulk_create(
        Attempt(part=each, number=number, worker="w", claimed_at=now, ended_at=now, outcome="again")
        for each in (part, *made)
        for number in range(attempts)
    )
    for number in range(events):
        lifecycle.note(job, "retried", why=f"Time {number}", now=now)


def test_history_is_paginated(client: Client, job: Job) -> None:
    trouble(job, parts=24, attempts=1, events=44)
    page = page_of(client, job)
    assert "Page 1 of 3" in page
    assert "Time 43" in page
    assert "Time 3<" not in page
    assert 'href="?parts=2#history"' in page
    later = page_of(client, job, events="3")
    assert "Time 3<" in later
    assert "<details open>" in later
    assert page_of(client, job, events="nonsense", parts="99")


def test_page_costs_the_same_queries_whatever_happened(
    client: Client, job: Job, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    trouble(job, parts=30, attempts=40, events=60)
    with django_assert_max_num_queries(18):
        client.get(f"/jobs/{job.pk}/")
    with django_assert_max_num_queries(9):
        client.get(f"/jobs/{job.pk}/history/")
    with django_assert_max_num_queries(9):  # one of them for the jobs that follow
        client.get(f"/jobs/{job.pk}/stop/")
