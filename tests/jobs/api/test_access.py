"""Who is let in: valid tokens with the scope, and nobody by a cookie."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from jobs import quotas, tokens, walls
from jobs.models import ApiToken, Job, JobState, Scope

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting")]


def refused(response: Any, *, challenge: str = "Bearer") -> None:
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == challenge
    assert response["Content-Type"] == "application/problem+json"


def spent(response: Any, *, said: str) -> None:
    refused(response, challenge='Bearer error="invalid_token"')
    assert response.json()["type"] == "urn:switchyard:problem:token-spent"
    assert said in response.json()["detail"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer sy_wrong", "Basic c3k6eA==", "Token x"])
def test_request_without_a_valid_token_answers_401(client: Client, header: str) -> None:
    refused(client.get("/api/v1/jobs", headers={"Authorization": header} if header else {}))


def test_signed_in_person_is_not_let_in_by_the_cookie(program: Any) -> None:
    browser = Client()
    browser.force_login(program.person)
    refused(browser.get("/api/v1/jobs"))


def test_revoked_token_answers_401(program: Any) -> None:
    assert program.get("/jobs").status_code == 200
    tokens.revoke(program.token, by=None)
    spent(program.get("/jobs"), said="was revoked on")


def test_expired_token_answers_401(program: Any) -> None:
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    spent(program.get("/jobs"), said="expired on")


@pytest.mark.parametrize(
    ("scope", "needed", "path"),
    [
        (Scope.SUBMIT, Scope.READ, "/jobs"),
        (Scope.SUBMIT, Scope.READ, "/kinds"),
        (Scope.SUBMIT, Scope.READ, "/files/1"),
        (Scope.CHANGE, Scope.READ, "/jobs/1"),
        (Scope.CHANGE, Scope.READ, "/jobs/1/events"),
    ],
)
def test_reading_without_its_scope_answers_403(
    with_scopes: Callable[..., Any], scope: Scope, needed: Scope, path: str
) -> None:
    response = with_scopes(scope).get(path)
    assert response.status_code == 403
    assert str(needed) in response.json()["detail"]
    assert response["WWW-Authenticate"] == f'Bearer error="insufficient_scope", scope="{needed}"'


def test_submitting_without_its_scope_answers_403(with_scopes: Callable[..., Any]) -> None:
    assert with_scopes(Scope.READ, Scope.CHANGE).submit().status_code == 403
    assert not Job.objects.exists()


@pytest.mark.parametrize("verb", ["stop", "retry", "pause", "resume"])
def test_changing_without_its_scope_answers_403(
    program: Any, with_scopes: Callable[..., Any], verb: str
) -> None:
    job = program.submit().json()["id"]
    assert with_scopes(Scope.READ, Scope.SUBMIT).post(f"/jobs/{job}/{verb}").status_code == 403


def test_job_is_paused_resumed_stopped_and_retried(program: Any) -> None:
    job = program.submit().json()["id"]
    told = [program.post(f"/jobs/{job}/{verb}") for verb in ("pause", "resume", "stop", "retry")]
    assert [response.status_code for response in told] == [200] * 4
    assert [response.json()["state"] for response in told] == ["paused", "waiting", "stopped", "waiting"]


@pytest.mark.parametrize("verb", ["stop", "pause", "resume"])
def test_change_that_does_not_fit_the_state_answers_409_with_the_sentence(program: Any, verb: str) -> None:
    job = program.submit().json()["id"]
    program.post(f"/jobs/{job}/stop")
    response = program.post(f"/jobs/{job}/{verb}", {"why": "Twice."})
    assert response.status_code == 409
    assert "cannot be" in response.json()["detail"]
    assert response.json()["remedy"]


@pytest.mark.parametrize("verb", ["stop", "retry", "pause", "resume"])
def test_job_of_another_school_is_not_found_and_not_changed(program: Any, stranger: Any, verb: str) -> None:
    job = program.submit().json()["id"]
    assert stranger.post(f"/jobs/{job}/{verb}").status_code == 404
    assert Job.objects.get(pk=job).state == JobState.WAITING


def test_reason_that_is_too_long_is_named(program: Any) -> None:
    job = program.submit().json()["id"]
    response = program.post(f"/jobs/{job}/stop", {"why": "x" * 501})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "why"


def test_fault_of_ours_is_logged_and_answered_without_details(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: Any, **__: Any) -> None:
        message = "secret detail"
        raise RuntimeError(message)

    monkeypatch.setattr("jobs.finding.find", break_down)
    response = program.get("/jobs")
    assert response.status_code == 500
    assert "secret" not in response.content.decode()


def test_retry_of_a_job_that_follows_one_that_was_stopped_answers_409_and_names_it(program: Any) -> None:
    first = program.submit().json()["id"]
    second = program.submit(key="second", after=[first]).json()["id"]
    program.post(f"/jobs/{first}/stop")
    response = program.post(f"/jobs/{second}/retry")
    assert response.status_code == 409
    told = response.json()
    assert told["type"] == "urn:switchyard:problem:retry-other-first"
    assert f"(job {first}), which ended as: Stopped. Retry that one first." in told["detail"]


def test_changes_tell_what_they_do_to_jobs_that_follow(program: Any) -> None:
    first = program.submit(deadline=(timezone.now() + timedelta(hours=1)).isoformat()).json()["id"]
    program.submit(key="second", after=[first])
    stopped = program.post(f"/jobs/{first}/stop").json()
    assert stopped["effects"] == ["1 job that follows it ended with it; a retry of it brings it back."]
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        dropped, *others = program.post(f"/jobs/{first}/retry").json()["effects"]
    assert dropped.startswith("Tried again without its deadline of ")
    assert others == ["1 job that failed because of it waits for it again."]
    assert program.post(f"/jobs/{first}/pause").json()["effects"] == []


def test_request_is_walled_for_the_tokens_school(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stood: list[int | None] = []
    counted = quotas.use

    def use(token: ApiToken, **given: Any) -> quotas.Quota:
        stood.append(walls.standing())
        return counted(token, **given)

    monkeypatch.setattr(quotas, "use", use)
    assert program.get("/jobs").status_code == 200
    assert stood == [program.school.pk]
    assert walls.standing() is None
