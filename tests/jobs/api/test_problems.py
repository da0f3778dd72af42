"""Every refusal: one shape, a sentence that says what was wrong, and what to do about it."""

import json
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection

from jobs.models import Job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting")]

MEMBERS = {"type", "title", "status", "detail", "remedy", "errors"}


def told(response: Any, *, status: int, name: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    members: dict[str, Any] = response.json()
    assert set(members) == MEMBERS
    assert members["type"] == f"urn:switchyard:problem:{name}"
    assert members["detail"].endswith((".", "?"))
    assert members["remedy"]
    return members


def send(program: Any, content: bytes | str, **headers: str) -> Any:
    given = {**program.headers, "Idempotency-Key": "one", **headers}
    kind = given.pop("Content-Type", "application/json")
    return program.client.post("/api/v1/jobs", content, content_type=kind, headers=given)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[1]", "The body is JSON, but not an object."),
        ("7", "The body is JSON, but not an object."),
        ("null", "The body is JSON, but not an object."),
        ("", "The request has no body."),
        ("{bad", "The body cannot be read as JSON in UTF-8."),
        (b"\xff\xfe{", "The body cannot be read as JSON in UTF-8."),
        ("[" * 100_000, "The body cannot be read as JSON in UTF-8."),
    ],
)
def test_body_that_is_no_object_is_said_to_be_none(program: Any, content: bytes, sentence: str) -> None:
    assert told(send(program, content), status=400, name="no-json")["detail"] == sentence
    assert not Job.objects.exists()


def test_change_whose_body_is_no_object_is_refused(program: Any) -> None:
    job = program.submit().json()["id"]
    assert (
        "not an object" in told(program.post(f"/jobs/{job}/stop", [1]), status=400, name="no-json")["detail"]
    )


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_other_media_types_answer_415(program: Any, kind: str) -> None:
    told(send(program, "{}", **{"Content-Type": kind}), status=415, name="not-json")


def test_body_that_is_too_large_answers_413(program: Any) -> None:
    response = send(program, json.dumps({"kind": "x" * 300_000}))
    assert "262,144 bytes" in told(response, status=413, name="too-large")["detail"]


def test_compressed_and_chunked_bodies_are_refused(program: Any) -> None:
    told(send(program, "{}", **{"Content-Encoding": "gzip"}), status=415, name="not-json")
    told(send(program, "{}", **{"Transfer-Encoding": "chunked"}), status=411, name="length-missing")


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        ({"colour": "red"}, "colour", "There is no such field"),
        ({"kind": None}, "kind", "Send a text here."),
        ({"arguments": [1]}, "arguments", "Send a JSON object here."),
        ({"arguments": {}}, "arguments.up_to", "This field is missing."),
        ({"arguments": {"up_to": 101}}, "arguments.up_to", "Send 100 or less."),
        ({"arguments": {"up_to": "many"}}, "arguments.up_to", "Send a whole number here."),
        ({"arguments": {"up_to": "many"}}, "arguments.up_to", 'Its value was "many".'),
        ({"arguments": {"up_to": 3, "colour": 1}}, "arguments.colour", "There is no such field"),
        ({"arguments": {"up_to": 3, "upto": 1}}, "arguments.upto", "Its value was 1. Did you mean 'up_to'?"),
        ({"title": "x" * 151}, "title", "too long: up to 150"),
        ({"title": "\ud800"}, "title", "no character"),
        ({"priority": 1.5}, "priority", "Send a whole number here."),
        ({"priority": 1.0}, "priority", "Send a whole number here."),
        ({"priority": True}, "priority", "Send a whole number here."),
        ({"priority": "3"}, "priority", "Send a whole number here."),
        ({"arguments": {"up_to": True}}, "arguments.up_to", "Send a whole number here."),
        ({"arguments": {"up_to": "3"}}, "arguments.up_to", 'Its value was "3".'),
        ({"arguments": {"up_to": 3.0}}, "arguments.up_to", "Its value was 3.0."),
        ({"not_before": "soon"}, "not_before", "Send a time with its zone"),
        ({"not_before": "2030-01-01T00:00:00"}, "not_before", "Send a time with its zone"),
        ({"not_before": 1_900_000_000}, "not_before", "Send a time with its zone"),
        ({"deadline": "9999-12-31T23:59:59-14:00"}, "deadline", "Send a time with its zone"),
        ({"not_before": "9999-12-31T23:59:59Z"}, "not_before", "is more than 5 years away; give an earlier"),
        ({"deadline": "9999-12-31T23:59:59Z"}, "deadline", "9999-12-31T23:59:59+00:00 is more than 5 years"),
        ({"after": 7}, "after", "Send a list here."),
        ({"after": [0]}, "after.0", "Send 1 or more."),
        ({"after": [True]}, "after.0", "Send a whole number here."),
        ({"after": ["1"]}, "after.0", "Send a whole number here."),
        ({"after": list(range(1, 52))}, "after", "up to 50"),
    ],
)
def test_wrong_field_is_named_with_what_to_send(
    program: Any, body: dict[str, Any], field: str, sentence: str
) -> None:
    sent = {"kind": "tests.counting", "arguments": {"up_to": 3}, **body}
    [error] = told(program.post("/jobs", sent, idempotency_key="one"), status=422, name="wrong-fields")[
        "errors"
    ]
    assert error["field"] == field
    assert sentence in error["detail"]


@pytest.mark.parametrize(
    ("path", "body", "field", "offer"),
    [
        ("/jobs", {"priorty": 1}, "priorty", " Did you mean 'priority'?"),
        (
            "/jobs",
            {"colour": 1},
            "colour",
            " There are: kind, arguments, title, priority, not_before, deadline, after.",
        ),
        ("/jobs/1/stop", {"reason": "late"}, "reason", " There are: why."),
        ("/jobs/1/retry", {"uncertian": True}, "uncertian", " Did you mean 'uncertain'?"),
        ("/jobs/1/retry", {"colour": 1}, "colour", " There are: why, uncertain."),
    ],
)
def test_unknown_field_is_answered_with_those_that_the_body_takes(
    program: Any, path: str, body: dict[str, Any], field: str, offer: str
) -> None:
    sent = {"kind": "tests.counting", "arguments": {"up_to": 3}, **body} if path == "/jobs" else body
    [error] = told(program.post(path, sent, idempotency_key="one"), status=422, name="wrong-fields")["errors"]
    assert error["field"] == field
    assert error["detail"].endswith(offer)


def test_unknown_kind_is_answered_with_those_that_there_are(program: Any) -> None:
    body = {"kind": "tests.countin", "arguments": {}}
    response = program.post("/jobs", body, idempotency_key="one")
    [error] = told(response, status=422, name="wrong-fields")["errors"]
    assert "packets.build" in error["detail"]
    assert error["detail"].endswith("Did you mean 'tests.counting'?")


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ({"cursor": "x"}, "cursor", "Send a whole number here."),
        ({"cursor": "0"}, "cursor", "Send 1 or more."),
        ({"limit": "201"}, "limit", "Send 200 or less."),
        ({"state": "ended"}, "state", "Send one of: 'waiting', 'working'"),
        ({"since": "0.5"}, "since", "Send a time with its zone"),
        ({"since": "yesterday"}, "since", "Send a time with its zone"),
        ({"kind": "tests.countin"}, "kind", "Did you mean 'tests.counting'?"),
        ({"stat": "failed"}, "stat", "Did you mean 'state'?"),
    ],
)
def test_wrong_filter_is_named_with_what_to_send(
    program: Any, query: dict[str, str], field: str, sentence: str
) -> None:
    program.submit()
    [error] = told(program.get("/jobs", **query), status=422, name="wrong-fields")["errors"]
    assert error["field"] == field
    assert sentence in error["detail"]


def test_method_that_is_not_taken_is_named_beside_those_that_are(program: Any) -> None:
    response = program.client.delete("/api/v1/jobs", headers=program.headers)
    members = told(response, status=405, name="method-not-allowed")
    assert members["detail"] == "This address does not take DELETE."
    assert set(response["Allow"].split(", ")) == {"GET", "POST"}


def broken(error: Exception) -> Any:
    def cursor() -> None:
        raise error

    return cursor


@pytest.mark.parametrize("path", ["/kinds", "/jobs", "/jobs/1"])
def test_database_that_is_away_answers_503_and_when_to_ask_again(
    program: Any, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(connection, "cursor", broken(OperationalError("server closed the connection")))
    response = program.get(path)
    members = told(response, status=503, name="database-away")
    assert response["Retry-After"] == "5"
    assert "does not answer" in members["detail"]


def test_submission_without_a_database_is_to_be_sent_again_with_its_key(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "cursor", broken(OperationalError("server closed the connection")))
    members = told(program.submit(), status=503, name="database-away")
    assert "the same Idempotency-Key" in members["remedy"]


def test_fault_of_ours_is_none_of_a_database_that_is_away(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "cursor", broken(DataError("no such thing")))
    told(program.submit(), status=500, name="our-fault")
