"""Changes of several jobs: each is tried, each is told, and the code says the worst of them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from jobs import lifecycle
from jobs.management.verbs import changing
from jobs.management.verbs.exits import Exit
from jobs.models import Job, JobState, School
from jobs.testing import make_person, make_school

Run = Callable[..., Any]


@pytest.fixture
def jobs(school: School, steps: Any) -> list[Job]:
    """Three jobs of a school, of which the first was stopped."""
    found = [steps.submit(school, 2, key=f"key-{number}") for number in range(3)]
    lifecycle.stop(found[0], by=None)
    return found


def states(jobs: list[Job]) -> list[str]:
    return [Job.objects.get(pk=job.pk).state for job in jobs]


def test_refused_job_keeps_no_other_from_being_changed(jobs_command: Run, jobs: list[Job]) -> None:
    ran = jobs_command("stop", *[job.pk for job in jobs])
    assert states(jobs) == [JobState.STOPPED] * 3
    assert ran.exit == Exit.REFUSED
    assert ran.text.count("is stopped.") == 2
    assert ran.error.startswith(f"Job {jobs[0].pk} was not changed: “{jobs[0]}” cannot be stopped")
    assert "\n" not in ran.error


@pytest.mark.parametrize(
    ("verb", "changed", "after"),
    [
        ("retry", [True, False, False], ["waiting", "waiting", "waiting"]),
        ("pause", [False, True, True], ["stopped", "paused", "paused"]),
        ("resume", [False, False, False], ["stopped", "waiting", "waiting"]),
    ],
)
def test_document_has_a_result_for_each_job(
    jobs_command: Run, jobs: list[Job], verb: str, changed: list[bool], after: list[str]
) -> None:
    ran = jobs_command(verb, *[job.pk for job in jobs], "--json")
    results = ran.document["results"]
    assert [result["id"] for result in results] == [job.pk for job in jobs]
    assert [result["changed"] for result in results] == changed
    assert [result["job"]["state"] for result in results] == after == states(jobs)
    assert [result["exit_code"] for result in results] == [0 if done else 1 for done in changed]
    assert ["cannot be" in result["detail"] for result in results] == [not done for done in changed]
    assert ran.document["exit_code"] == ran.exit == Exit.REFUSED
    assert ran.error == ""


def test_code_is_the_highest_of_all(jobs_command: Run, jobs: list[Job]) -> None:
    stopped, *_, other = [job.pk for job in jobs]
    ran = jobs_command("stop", stopped, 999_999, other)
    assert ran.exit == Exit.NOT_FOUND
    assert ran.error.splitlines()[1] == "Job 999999 was not changed: There is no job 999999."
    assert states(jobs) == ["stopped", "waiting", "stopped"]
    missing = jobs_command("stop", 999_999, "--json").document["results"]
    assert missing == [
        {
            "id": 999_999,
            "changed": False,
            "exit_code": 3,
            "detail": "There is no job 999999.",
            "effects": [],
            "job": None,
        }
    ]


def test_person_of_one_school_changes_its_jobs_and_no_others(
    jobs_command: Run, jobs: list[Job], steps: Any
) -> None:
    other = steps.submit(make_school(), 1)
    person = make_person(school=jobs[1].school)
    ran = jobs_command("stop", other.pk, jobs[1].pk, "--by", person.email)
    assert ran.exit == Exit.INVALID
    assert "belongs to another school" in ran.error
    assert states([other, jobs[1]]) == ["waiting", "stopped"]


def test_job_named_twice_is_changed_once(jobs_command: Run, jobs: list[Job]) -> None:
    ran = jobs_command("stop", jobs[1].pk, jobs[1].pk, "--json")
    assert ran.exit == Exit.DONE
    assert len(ran.document["results"]) == 1


@pytest.mark.parametrize(
    ("error", "code"), [(OperationalError("gone"), Exit.NO_DATABASE), (KeyboardInterrupt(), Exit.INTERRUPTED)]
)
def test_break_tells_what_was_done_and_what_was_not_tried(
    jobs_command: Run,
    jobs: list[Job],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: Exit,
) -> None:
    def break_off(job: Job, **_: Any) -> lifecycle.Effects:
        if job == jobs[1]:
            raise error
        return ()

    monkeypatch.setitem(changing.CHANGES, "stop", break_off)
    ran = jobs_command("stop", *[job.pk for job in jobs], "--json")
    assert ran.exit == code
    assert [result["exit_code"] for result in ran.document["results"]] == [0, code, code]
    assert "not tried" in ran.document["results"][2]["detail"]


def test_job_that_follows_one_that_was_stopped_is_not_retried(
    jobs_command: Run, jobs: list[Job], school: School, steps: Any
) -> None:
    second = steps.submit(school, 1, key="second", after=[jobs[1]])
    lifecycle.stop(jobs[1], by=None)
    ran = jobs_command("retry", second.pk)
    assert ran.exit == Exit.REFUSED
    assert f"(job {jobs[1].pk}), which ended as: Stopped. Retry that one first." in ran.error


def test_command_tells_what_a_change_does_to_jobs_that_follow(
    jobs_command: Run, jobs: list[Job], school: School, steps: Any
) -> None:
    steps.submit(school, 1, key="follower", after=[jobs[1]])
    said = "1 job that follows it ended with it; a retry of it brings it back."
    assert said in jobs_command("stop", jobs[1].pk).text
    (result,) = jobs_command("retry", jobs[1].pk, "--json").document["results"]
    assert result["effects"] == ["1 job that failed because of it waits for it again."]
