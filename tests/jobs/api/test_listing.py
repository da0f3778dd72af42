"""What a program finds: the jobs that a person of its school finds in the list, and no others."""

from typing import Any

import pytest

from jobs.models import Job, JobState
from jobs.submission import submit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting")]


@pytest.fixture
def code(program: Any) -> Job:
    """A job that brings a sign-in code to somebody of the program's school."""
    return submit(kind="emails.code", school=program.school, by=None, arguments={"code": 1}, key="code:1")


def test_jobs_off_the_list_are_not_found(program: Any, code: Job) -> None:
    own = program.submit().json()["id"]
    assert [job["id"] for job in program.get("/jobs").json()["jobs"]] == [own]
    assert program.get(f"/jobs/{code.pk}").status_code == 404
    assert program.get(f"/jobs/{code.pk}/events").status_code == 404


@pytest.mark.parametrize("verb", ["stop", "pause", "resume", "retry"])
def test_sign_in_code_cannot_be_held_up(program: Any, code: Job, verb: str) -> None:
    assert program.post(f"/jobs/{code.pk}/{verb}").status_code == 404
    assert Job.objects.get(pk=code.pk).state == JobState.WAITING


@pytest.mark.parametrize("kind", ["emails.code", "webhooks.deliver"])
def test_kind_off_the_list_cannot_be_looked_for(program: Any, code: Job, kind: str) -> None:
    response = program.get("/jobs", kind=kind)
    assert response.status_code == 422
    assert f"Programs cannot look for {kind!r}" in response.json()["detail"]


def test_key_is_the_callers_own_and_null_for_jobs_of_pages(program: Any, counting: Any) -> None:
    program.submit(key="fair-2027")
    submit(kind=counting.name, school=program.school, by=None, arguments={"up_to": 1}, key="page:7")
    page, own = program.get("/jobs").json()["jobs"]
    assert (own["key"], page["key"]) == ("fair-2027", None)
    assert program.get(f"/jobs/{own['id']}").json()["key"] == "fair-2027"
    assert program.post(f"/jobs/{own['id']}/stop").json()["key"] == "fair-2027"
    assert Job.objects.get(pk=own["id"]).key == "api:fair-2027"
