"""POST /jobs: once for each key, refused with a sentence and a remedy."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from datetime import timezone as zone
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from jobs.asking import Asked
from jobs.models import Job, PartState
from jobs.registry import Kind, kind_named
from jobs.submission import submit

NEXT_YEAR = timezone.now().year + 1

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting")]


def problem(response: Any) -> dict[str, Any]:
    assert response["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert set(told) == {"type", "title", "status", "detail", "remedy", "errors"}
    assert told["status"] == response.status_code
    return told


def test_new_job_answers_201_with_its_place(program: Any) -> None:
    response = program.submit(title="To three")
    job = Job.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"/api/v1/jobs/{job.pk}"
    told = response.json()
    assert told["id"] == job.pk
    assert told["title"] == "To three"
    assert told["state"] == "waiting"
    assert told["key"] == "one"
    assert told["units"] == {
        "unit": "numbers",
        "total": 1,
        "done": 0,
        "failed": 0,
        "uncertain": 0,
        "skipped": 0,
    }
    assert job.arguments == {"up_to": 3}
    assert job.submitted_by == program.person
    assert program.get(f"/jobs/{job.pk}").json()["id"] == job.pk


def test_same_key_again_answers_200_with_the_same_job(program: Any) -> None:
    first = program.submit()
    again = program.submit()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Job.objects.count() == 1


def test_same_key_with_other_arguments_answers_409(program: Any) -> None:
    program.submit(up_to=3)
    response = program.submit(up_to=4)
    assert response.status_code == 409
    assert problem(response)["type"] == "urn:switchyard:problem:key-taken"


@pytest.mark.parametrize(
    ("first", "again", "field"),
    [
        ({}, {"priority": 5}, "priority"),
        ({"title": "To three"}, {"title": "To 3"}, "title"),
        ({}, {"not_before": f"{NEXT_YEAR}-01-01T00:00:00Z"}, "not_before"),
        (
            {"deadline": f"{NEXT_YEAR}-02-01T00:00:00Z"},
            {"deadline": f"{NEXT_YEAR}-02-01T00:00:01Z"},
            "deadline",
        ),
        ({}, {"up_to": 4}, "arguments"),
    ],
)
def test_same_key_for_something_else_names_what_differs(
    program: Any, first: dict[str, Any], again: dict[str, Any], field: str
) -> None:
    program.submit(**first)
    response = program.submit(**again)
    assert response.status_code == 409
    told = problem(response)
    assert told["type"] == "urn:switchyard:problem:key-taken"
    assert [error["field"] for error in told["errors"]] == [field]
    assert "The key 'one' belongs to" in told["detail"]
    assert Job.objects.count() == 1


def test_same_request_in_another_zone_and_after_its_deadline_finds_its_job(program: Any) -> None:
    soon = timezone.now() + timedelta(hours=1)
    first = program.submit(deadline=soon.isoformat())
    with time_machine.travel(soon + timedelta(hours=1), tick=False):
        again = program.submit(deadline=soon.astimezone(zone(timedelta(hours=5))).isoformat())
    assert (first.status_code, again.status_code) == (201, 200)


def test_answer_says_when_the_job_may_start_and_must_end(program: Any) -> None:
    start, end = f"{NEXT_YEAR}-02-01T00:00:00Z", f"{NEXT_YEAR}-02-02T00:00:00Z"
    told = program.submit(not_before=start, deadline=end).json()
    assert (told["not_before_at"], told["deadline_at"]) == (start, end)


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_the_same_moment_one_alone_is_told_that_the_job_is_new(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = Barrier(3, timeout=10)

    def ask_together(kind: Kind, asked: Asked) -> Job:
        together.wait()
        arguments = {"up_to": 3}
        return submit(kind=kind.name, school=asked.school, by=asked.by, arguments=arguments, key=asked.key)

    def send() -> int:
        try:
            return int(program.submit().status_code)
        finally:
            connections.close_all()

    monkeypatch.setattr(type(kind_named("tests.counting")), "request", ask_together)
    with ThreadPoolExecutor(3) as threads:
        codes = [sent.result() for sent in [threads.submit(send) for _ in range(3)]]
    assert sorted(codes) == [200, 200, 201]
    assert Job.objects.count() == 1


def test_two_schools_may_use_the_same_key(program: Any, stranger: Any) -> None:
    assert program.submit().status_code == 201
    assert stranger.submit().status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 91, "schlüssel".encode().decode("latin-1")])
def test_request_without_a_usable_key_answers_400(program: Any, key: str) -> None:
    response = program.submit(key=key)
    assert response.status_code == 400
    assert "Idempotency-Key" in problem(response)["detail"]
    assert not Job.objects.exists()


def test_key_that_is_too_long_is_refused_with_its_length_and_the_longest_one_is_taken(program: Any) -> None:
    told = problem(program.submit(key="k" * 91))
    assert told["type"].endswith(":key-unusable")
    assert "A key has 1 to 90 characters, and this one has 91; choose a shorter one." in told["detail"]
    assert program.submit(key="k" * 90).status_code == 201


def test_times_priority_and_order_reach_the_job(program: Any) -> None:
    first = program.submit(key="first").json()["id"]
    later = timezone.now() + timedelta(hours=1)
    response = program.submit(
        key="second",
        priority=5,
        not_before=later.isoformat(),
        deadline=(later + timedelta(hours=1)).isoformat(),
        after=[first],
    )
    job = Job.objects.get(pk=response.json()["id"])
    assert response.json()["after"] == [first]
    assert response.json()["priority"] == job.priority == 5
    assert job.deadline_at == later + timedelta(hours=1)
    assert list(job.after.values_list("pk", flat=True)) == [first]
    part = job.parts.get()
    assert (part.state, part.ready_at) == (PartState.HELD, later)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"arguments": {"up_to": 0}}, "arguments.up_to"),
        ({"arguments": {"upto": 3}}, "arguments.up_to"),
        ({"arguments": []}, "arguments"),
        ({"kind": "emails.code"}, "kind"),
        ({"kind": "nothing\0here"}, "kind"),
        ({"title": "a\0b"}, "title"),
        ({"priority": 40_000}, "priority"),
        ({"not_before": "2030-01-01T00:00:00"}, "not_before"),
        ({"deadline": "2020-01-01T00:00:00Z"}, "deadline"),
        (
            {"not_before": f"{NEXT_YEAR}-02-02T00:00:00Z", "deadline": f"{NEXT_YEAR}-02-01T00:00:00Z"},
            "deadline",
        ),
        ({"after": [2**70]}, "after.0"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_field_that_cannot_be_used_is_named(program: Any, body: dict[str, Any], field: str) -> None:
    sent = {"kind": "tests.counting", "arguments": {"up_to": 3}, **body}
    response = program.post("/jobs", sent, idempotency_key="one")
    assert response.status_code == 422
    assert field in [error["field"] for error in problem(response)["errors"]]
    assert not Job.objects.exists()


@pytest.mark.parametrize("title", ["", "   ", "\u00a0\n"])
def test_blank_title_is_none(program: Any, title: str) -> None:
    told = program.submit(title=title).json()
    assert told["title"] == f"tests.counting {told['id']}"
    assert program.submit().status_code == 200


def test_kind_that_refuses_answers_409_with_its_sentence(program: Any) -> None:
    response = program.submit(up_to=99)
    assert response.status_code == 409
    assert problem(response)["detail"] == "Nobody can count to 99 today."


def test_id_in_the_arguments_that_leads_nowhere_answers_404(program: Any) -> None:
    response = program.submit(up_to=98)
    assert response.status_code == 404
    assert problem(response)["detail"] == "There is no 98 in your school."


def test_job_of_another_school_cannot_be_followed(program: Any, stranger: Any) -> None:
    other = stranger.submit().json()["id"]
    assert program.submit(after=[other]).status_code == 404


def test_job_that_ended_badly_cannot_be_followed(program: Any) -> None:
    first = program.submit(key="first").json()["id"]
    program.post(f"/jobs/{first}/stop")
    response = program.submit(key="second", after=[first])
    assert response.status_code == 409
    assert problem(response)["type"] == "urn:switchyard:problem:cannot-follow"


@pytest.mark.parametrize("body", ["[1]", "{", '"a"', '{"kind": NaN}', "\xff", "[" * 100_000])
def test_body_that_is_no_json_object_is_refused(program: Any, body: str) -> None:
    response = program.client.post(
        "/api/v1/jobs",
        body.encode("latin-1"),
        content_type="application/json",
        headers={**program.headers, "Idempotency-Key": "one"},
    )
    assert response.status_code in {400, 422}
    problem(response)


def test_body_of_another_type_answers_415(program: Any) -> None:
    response = program.client.post("/api/v1/jobs", {"kind": "x"}, headers=program.headers)
    assert response.status_code == 415
    problem(response)


def test_body_that_is_too_large_answers_413(program: Any) -> None:
    response = program.submit(title="x" * 300_000)
    assert response.status_code == 413
    problem(response)


def test_body_in_chunks_answers_411(program: Any) -> None:
    headers = {**program.headers, "Transfer-Encoding": "chunked"}
    response = program.client.post("/api/v1/jobs", "{}", content_type="application/json", headers=headers)
    assert response.status_code == 411
    problem(response)


def test_submitting_costs_few_queries(
    program: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    program.get("/kinds")
    with django_assert_max_num_queries(15):
        assert program.submit().status_code == 201


def test_kinds_are_listed_with_the_schema_of_their_arguments(program: Any) -> None:
    kinds = {kind["name"]: kind for kind in program.get("/kinds").json()["kinds"]}
    assert kinds["tests.counting"]["arguments"]["properties"]["up_to"]["maximum"] == 100
    assert {"emails.mailing", "packets.build"} < set(kinds)
    assert "emails.code" not in kinds
    assert "what is done stays" in kinds["emails.mailing"]["retry"]
    assert "from the start" in kinds["packets.build"]["retry"]
