"""How often a token may be used: counted for each token, in the database, told in every answer."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from jobs import pruning, tokens
from jobs.models import Bucket, Scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(settings: Settings) -> Iterator[Any]:
    """A clock that stands still, and tokens that may be used six times a minute."""
    settings.SWITCHYARD = {**settings.SWITCHYARD, "api": {"requests_a_minute": 6}}
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        yield clock


def test_requests_beyond_the_quota_are_answered_429_until_time_has_passed(program: Any, clock: Any) -> None:
    answers = [program.get("/jobs").status_code for _ in range(7)]
    assert answers == [200] * 6 + [429]
    clock.shift(1)
    assert program.get("/jobs").status_code == 200
    refused = program.get("/jobs")
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert refused["Retry-After"] == "9"
    assert "6 times a minute" in refused.json()["detail"]
    clock.shift(8)
    assert program.get("/jobs").status_code == 429
    clock.shift(2)
    assert program.get("/jobs").status_code == 200


def test_each_answer_tells_the_quota_and_what_is_left(program: Any, clock: Any) -> None:
    first = program.get("/jobs")
    assert first["RateLimit-Policy"] == '"token";q=6;w=60'
    assert first["RateLimit"] == '"token";r=5;t=10'
    assert program.get("/jobs", limit=0)["RateLimit"] == '"token";r=4;t=20'
    for _ in range(5):
        refused = program.get("/jobs")
    assert refused["RateLimit"] == '"token";r=0;t=60'


def test_request_without_a_token_has_no_quota(program: Any, clock: Any) -> None:
    assert "RateLimit" not in program.client.get("/api/v1/jobs")
    assert not Bucket.objects.exists()


def test_tokens_of_one_school_are_counted_each_on_its_own(program: Any, clock: Any) -> None:
    for _ in range(7):
        program.get("/jobs")
    _, text = tokens.make(school=program.school, name="Other", scopes=[Scope.READ], by=None)
    other = program.client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {text}"})
    assert other.status_code == 200


def test_refused_request_is_not_done(program: Any, clock: Any, counting: Any) -> None:
    job = program.submit().json()["id"]
    for _ in range(6):
        program.get("/jobs")
    assert program.post(f"/jobs/{job}/stop").status_code == 429
    clock.shift(60)
    assert program.get(f"/jobs/{job}").json()["state"] == "waiting"


def test_bucket_that_nobody_draws_from_is_pruned(program: Any, clock: Any) -> None:
    program.get("/jobs")
    Bucket.objects.create(name="lane:mail", tokens=1, filled_at=timezone.now())
    pruning.prune(now=timezone.now() + timedelta(minutes=59))
    assert Bucket.objects.count() == 2
    pruning.prune(now=timezone.now() + timedelta(minutes=61))
    assert [bucket.name for bucket in Bucket.objects.all()] == ["lane:mail"]
