"""GET: the school's own jobs, where they stand and what happened to them; nothing of another school."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from openapi_spec_validator import validate
from pytest_django.fixtures import DjangoAssertNumQueries

from jobs import files, lifecycle
from jobs.models import Job, JobState
from jobs.registry import kind_named

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting")]


def submitted(program: Any, key: str = "one") -> Job:
    return Job.objects.get(pk=program.submit(key).json()["id"])


def test_job_tells_its_place_its_reason_and_its_parts(program: Any) -> None:
    submitted(program, "first")
    job = submitted(program, "second")
    told = program.get(f"/jobs/{job.pk}").json()
    assert (told["line"]["jobs_ahead"], told["line"]["schools_ahead"]) == (1, 0)
    assert (told["line"]["workers_busy"], told["line"]["limit"]) == (0, None)
    assert told["reason"].startswith("No worker of the lane mail")
    assert told["parts"] == {"waiting": 1}
    assert told["created_at"].endswith("Z")
    assert (told["expected_start_at"], told["after"], told["files"]) == (None, [], [])


def test_job_that_needs_attention_tells_its_error(program: Any) -> None:
    job = submitted(program)
    lifecycle.end(job, state=JobState.FAILED, error="The relay refused it.")
    told = program.get(f"/jobs/{job.pk}").json()
    assert (told["state"], told["error"], told["reason"]) == ("failed", "The relay refused it.", "")


def test_history_tells_what_when_by_whom_and_why(program: Any) -> None:
    job = submitted(program)
    program.post(f"/jobs/{job.pk}/pause", {"why": "Wrong students."})
    events = program.get(f"/jobs/{job.pk}/events").json()["events"]
    assert [event["what"] for event in events] == ["submitted", "paused"]
    assert events[1]["by"] == program.person.name
    assert events[1]["why"] == "Wrong students."


def test_result_is_listed_and_handed_out(program: Any, stranger: Any) -> None:
    job = submitted(program)
    stored = files.store(
        school=job.school, name="a.txt", media_type="text/plain", content=ContentFile(b"One."), job=job
    )
    told = program.get(f"/jobs/{job.pk}").json()["files"]
    assert told == [{"id": stored.pk, "name": "a.txt", "media_type": "text/plain", "size": 4}]
    response = program.get(f"/files/{stored.pk}")
    assert b"".join(response.streaming_content) == b"One."  # type: ignore[attr-defined]
    assert stranger.get(f"/files/{stored.pk}").status_code == 404


@pytest.mark.parametrize("path", ["", "/events"])
def test_job_of_another_school_answers_404(program: Any, stranger: Any, path: str) -> None:
    job = submitted(program)
    response = stranger.get(f"/jobs/{job.pk}{path}")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/jobs/x", f"/jobs/{2**80}", "/jobs/", "/", "/nothing", "/jobs/1/start"])
def test_address_that_leads_nowhere_answers_404_as_a_problem(program: Any, path: str) -> None:
    response = program.get(path)
    assert response.status_code == 404
    assert response.json()["remedy"]


def test_method_that_an_address_does_not_take_answers_405(program: Any) -> None:
    response = program.client.put("/api/v1/jobs", headers=program.headers)
    assert response.status_code == 405
    assert set(response["Allow"].split(", ")) == {"GET", "POST"}
    assert response.json()["type"] == "urn:switchyard:problem:method-not-allowed"


def test_list_goes_page_by_page_and_shows_only_the_own_school(program: Any, stranger: Any) -> None:
    ids = [submitted(program, f"key-{number}").pk for number in range(5)]
    stranger.submit()
    seen: list[int] = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        page = program.get("/jobs", limit=2, **cursor).json()
        seen += [job["id"] for job in page["jobs"]]
        cursor = {"cursor": page["next"]}
    assert seen == sorted(ids, reverse=True)
    assert page["next"] is None


def test_list_filters(program: Any) -> None:
    job, _ = submitted(program, "first"), submitted(program, "second")
    lifecycle.end(job, state=JobState.FAILED, error="The relay refused it.")

    def found(**query: str) -> list[int]:
        return [one["id"] for one in program.get("/jobs", **query).json()["jobs"]]

    assert found(state="failed") == found(text="relay REFUSED") == [job.pk]
    assert found(kind="packets.build") == []
    assert len(found(kind="tests.counting", person=program.person.email)) == 2
    assert found(since=timezone.now().isoformat()) == []
    assert len(found(since="0888-06-17T19:53:07+23:51")) == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "201"}, "limit"),
        ({"state": "nonsense"}, "state"),
        ({"since": "yesterday"}, "since"),
        ({"cursor": "x"}, "cursor"),
        ({"text": "\0"}, "text"),
    ],
)
def test_filter_that_cannot_be_used_is_named(program: Any, query: dict[str, str], field: str) -> None:
    response = program.get("/jobs", **query)
    assert response.status_code == 422
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_list_costs_four_queries_however_long_it_is(
    program: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        submitted(program, f"key-{number}")
    with django_assert_num_queries(4):
        assert len(program.get("/jobs").json()["jobs"]) == 20


def test_job_costs_few_queries(program: Any, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    job = submitted(program)
    with django_assert_max_num_queries(11):
        program.get(f"/jobs/{job.pk}")
    with django_assert_max_num_queries(4):
        program.get(f"/jobs/{job.pk}/events")


def test_openapi_document_is_valid_and_needs_no_token(client: Any) -> None:
    response = client.get("/api/v1/openapi.json")
    document = response.json()
    validate(document)
    assert set(document["paths"]) >= {"/api/v1/jobs", "/api/v1/jobs/{job_id}", "/api/v1/jobs/{job_id}/stop"}
    submitting = document["paths"]["/api/v1/jobs"]["post"]
    assert [given["name"] for given in submitting["parameters"]] == ["Idempotency-Key"]
    assert "application/problem+json" in submitting["responses"]["default"]["content"]
    assert submitting["security"] == [{"Bearer": ["jobs:submit"]}]
    assert submitting["operationId"] == "submit_job"
    schemas = document["components"]["schemas"]
    assert schemas["JobRequest"]["properties"]["kind"]["enum"] == [
        "emails.mailing",
        "packets.build",
        "tests.counting",
    ]
    assert "students" in schemas["PacketArguments"]["properties"]


def test_the_kind_is_told_which_program_fetches_a_result(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, told = submitted(program), []
    stored = files.store(
        school=job.school, name="a.txt", media_type="text/plain", content=ContentFile(b"One."), job=job
    )
    kind = kind_named(job.kind)
    monkeypatch.setattr(kind, "note_download", lambda file, **by: told.append((file, by)), raising=False)
    response = program.get(f"/files/{stored.pk}")
    assert b"".join(response.streaming_content) == b"One."  # type: ignore[attr-defined]
    [(file, by)] = told
    assert (file, by["by"]) == (stored, program.person)
    assert by["program"]
