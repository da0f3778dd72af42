"""Programs are refused in the language of the platform: their people read it."""

from collections.abc import Callable
from typing import Any

import pytest

from jobs.api.inputs import JobFilter, JobRequest
from jobs.models import JobState, Scope
from tests.switchyard.pseudo import speak, words_outside

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting")]

WORDS_OF_REQUESTS = " ".join(
    (*JobFilter.model_fields, *JobRequest.model_fields, *Scope.of_schools(), "body cursor up_to why")
)
STATES = " ".join(JobState)
KINDS = "packets.build emails.mailing jobs.change tests.counting"
GIVEN = words_outside(f"{WORDS_OF_REQUESTS} {STATES} {KINDS} Counting DELETE GET POST colour wrong other one")
"""Names that programs send and are told."""

ASKED: dict[str, Callable[[Any], Any]] = {
    "no token": lambda program: program.client.get("/api/v1/jobs"),
    "wrong token": lambda program: program.client.get(
        "/api/v1/jobs", headers={"Authorization": "Bearer wrong"}
    ),
    "no key": lambda program: program.post("/jobs", {}),
    "long key": lambda program: program.submit("x" * 500),
    "odd key": lambda program: program.submit("ü"),
    "other arguments": lambda program: program.submit(up_to=4, title="other", priority=5),
    "unknown field": lambda program: program.submit("other", colour="wrong"),
    "wrong values": lambda program: program.submit(
        "other", kind="wrong", priority="wrong", after=["wrong"], deadline="wrong", title="one\0"
    ),
    "wrong arguments": lambda program: program.submit("other", up_to=101),
    "past deadline": lambda program: program.submit("other", deadline="2001-01-01T00:00:00Z"),
    "follows nothing": lambda program: program.submit("other", after=[99]),
    "unknown kind": lambda program: program.submit("other", kind="wrong"),
    "kind of the platform": lambda program: program.submit("other", kind="jobs.change"),
    "unknown filter": lambda program: program.get("/jobs", colour="wrong"),
    "wrong filter": lambda program: program.get("/jobs", limit="wrong", state="wrong", since="1", cursor="0"),
    "no job": lambda program: program.get("/jobs/99"),
    "no address": lambda program: program.get("/wrong"),
    "wrong method": lambda program: program.client.delete("/api/v1/jobs", headers=program.headers),
    "no JSON": lambda program: program.client.post(
        "/api/v1/jobs", "{", content_type="application/json", headers=program.headers
    ),
    "another type": lambda program: program.client.post(
        "/api/v1/jobs", "{", content_type="text/plain", headers=program.headers
    ),
    "cannot resume": lambda program: program.post("/jobs/1/resume", {}),
}


@pytest.mark.parametrize("what", ASKED)
def test_refusal_is_told_in_the_language_of_the_platform(
    program: Any, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(monkeypatch)
    program.submit()
    answer = ASKED[what](program)
    assert answer.status_code >= 400
    told = answer.json()
    texts = [told["title"], told["detail"], told["remedy"], *(each["detail"] for each in told["errors"])]
    assert {text for text in texts if words_outside(text) - GIVEN} == set()
