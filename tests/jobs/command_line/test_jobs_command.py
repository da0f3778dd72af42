"""`manage.py jobs`: what it writes, and the exit codes that scripts rely on."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from jobs import lifecycle
from jobs.management.verbs.exits import Exit
from jobs.models import Attempt, AttemptOutcome, Job, JobEvent, JobState, PartState, School
from jobs.retries import PermanentFailure, TemporaryFailure
from jobs.testing import make_person, make_school, run_parts

Run = Callable[..., Any]
ROOT = Path(__file__).parents[3]


def submitted(school: School, steps: Any, *parts: int, key: str = "one", **options: Any) -> Job:
    job: Job = steps.submit(school, *(parts or (2,)), key=key, **options)
    return job


def asking(school: School, *more: object) -> tuple[object, ...]:
    return ("submit", "--school", school.slug, "--kind", "tests.steps", "--key", "one", *more)


def test_submitting_says_the_job_and_again_says_the_same_one(
    jobs_command: Run, school: School, steps: Any
) -> None:
    first = jobs_command(*asking(school, "--arguments", '{"parts": [1]}', "--title", "Fair"))
    again = jobs_command(*asking(school, "--arguments", '{"parts": [1]}'))
    job = Job.objects.get()
    assert (first.exit, again.exit) == (Exit.DONE, Exit.DONE)
    assert first.text == f"Job {job.pk} “Fair” was submitted; it is waiting.\n"
    assert again.text == f"Job {job.pk} “Fair” had this key already; it is waiting.\n"


def test_submitting_writes_a_document_and_takes_every_option(
    jobs_command: Run, school: School, steps: Any
) -> None:
    before = submitted(school, steps, key="before")
    person = make_person(school=school)
    day = f"{timezone.now() + timedelta(days=700):%Y-%m-%d}"
    options = ("--priority", "-5", "--not-before", "2h", "--deadline", day, "--after", before.pk)
    ran = jobs_command(
        *asking(school, "--arguments", '{"parts": [1]}', *options, "--by", person.email, "--json")
    )
    job = Job.objects.get(key="one")
    assert ran.document["id"] == job.pk
    assert ran.document["priority"] == job.priority == -5
    assert ran.document["deadline_at"] == f"{day}T00:00:00Z"
    assert ran.document["submitted_by"] == person.name
    assert ran.document["after"] == [before.pk]
    assert list(job.after.all()) == [before]
    assert job.parts.get().ready_at > timezone.now() + timedelta(hours=1)


@pytest.mark.parametrize(
    ("more", "ends"),
    [
        (("--kind", "tests.step"), (Exit.INVALID, "There is no kind 'tests.step'")),
        (("--school", "nowhere"), (Exit.NOT_FOUND, "There is no school 'nowhere'")),
        (("--by", "nobody@x.example"), (Exit.NOT_FOUND, "Nobody has the address")),
        (("--after", "999999"), (Exit.NOT_FOUND, "There is no job 999999")),
        (("--priority", "40000"), (Exit.INVALID, "--priority")),
        (("--key", "k" * 101), (Exit.INVALID, "--key: A key has 1 to 100 characters, and this one has 101")),
        (("--key", ""), (Exit.INVALID, "--key: A key has 1 to 100 characters, and this one has none")),
        (("--title", "t" * 201), (Exit.INVALID, "--title")),
        (("--deadline", "2020-01-01"), (Exit.INVALID, "deadline")),
        (("--arguments", "[1]"), (None, "one JSON object")),
        (("--arguments", "{"), (None, "no JSON")),
        (("--arguments", '{"a": NaN}'), (None, "no JSON")),
        (("--arguments", "{}"), (Exit.INVALID, "arguments.parts: This field is missing.")),
        (("--arguments", '{"parts": 1}'), (Exit.INVALID, "Send a list here. Its value was 1.")),
        (("--arguments", '{"part": []}'), (Exit.INVALID, "Its value was []. Did you mean 'parts'?")),
        (("--arguments", '{"parts": "\\ud800"}'), (Exit.INVALID, "Send a list here.")),
        (("--title", "\udcff"), (Exit.INVALID, "the database cannot keep")),
        (("--arguments", "@/nowhere"), (None, "cannot be read")),
        (("--not-before", "soon"), (None, "is no time")),
        (("--not-before", "9999-12-31T23:59:59-14:00"), (None, "is no time")),
        (("--not-before", "999999999d"), (None, "a hundred years")),
        (("--after", "x"), (None, "no whole number")),
    ],
)
def test_what_cannot_be_used_is_one_sentence_with_its_code(
    jobs_command: Run, school: School, steps: Any, more: tuple[str, ...], ends: tuple[Exit | None, str]
) -> None:
    code, said = ends
    ran = jobs_command(*asking(school, "--arguments", '{"parts": [1]}', *more))
    assert said in ran.error
    assert "\n" not in ran.error
    # What argparse itself refuses ends with 2 in a shell; here it has no code of its own.
    assert ran.exit == (Exit.REFUSED if code is None else code)
    assert not Job.objects.exists()


def test_person_of_another_school_cannot_ask(jobs_command: Run, school: School, steps: Any) -> None:
    ran = jobs_command(*asking(school, "--by", make_person().email))
    assert ran.exit == Exit.INVALID
    assert "belongs to another school" in ran.error


def test_kind_with_arguments_of_its_own_checks_them(jobs_command: Run, school: School) -> None:
    ran = jobs_command(
        "submit", "--school", school.slug, "--kind", "emails.mailing", "--key", "one", "--arguments", "{}"
    )
    assert ran.exit == Exit.INVALID
    assert ran.error == "arguments.mailing: This field is missing."


def test_list_shows_the_newest_first_and_no_steering_characters(
    jobs_command: Run, school: School, steps: Any
) -> None:
    first = submitted(school, steps, key="first", title="Red \x1b[31m alert")
    second = submitted(make_school(), steps, key="second", title="Fair")
    lines = jobs_command("list").text.splitlines()
    assert lines[0].split()[:4] == ["ID", "STATE", "KIND", "SCHOOL"]
    assert [line.split()[0] for line in lines[1:]] == [str(second.pk), str(first.pk)]
    assert "\x1b" not in lines[2]


def test_list_filters_and_goes_page_by_page(jobs_command: Run, school: School, steps: Any) -> None:
    person = make_person(school=school)
    jobs = [submitted(school, steps, key=f"key-{number}") for number in range(3)]
    other = submitted(make_school(), steps)
    Job.objects.filter(pk=jobs[0].pk).update(
        submitted_by=person, created_at=timezone.now() - timedelta(days=3)
    )
    lifecycle.end(jobs[1], state=JobState.FAILED, error="The relay refused it.")

    def found(*options: object) -> list[int]:
        return [job["id"] for job in jobs_command("list", "--json", *options).document["jobs"]]

    assert found("--school", other.school.slug) == [other.pk]
    assert found("--state", "failed") == found("--text", "relay") == [jobs[1].pk]
    assert found("--by", person.email) == [jobs[0].pk]
    assert len(found("--since", "0888-06-17T19:53:07+23:51")) == 4
    assert found("--since", "2d") == [other.pk, jobs[2].pk, jobs[1].pk]
    assert found("--kind", "emails.mailing") == []
    page = jobs_command("list", "--json", "--limit", 3).document
    assert page["next"] == str(jobs[1].pk)
    assert found("--before", page["next"]) == [jobs[0].pk]
    assert "--before" in jobs_command("list", "--limit", 3).text


def test_unknown_kind_or_school_of_a_list_is_an_error(jobs_command: Run, school: School) -> None:
    assert jobs_command("list", "--kind", "emails.mailin").exit == Exit.INVALID
    near = jobs_command("list", "--school", f"{school.slug}x")
    assert near.exit == Exit.NOT_FOUND
    assert f"Did you mean {school.slug!r}?" in near.error


def test_show_tells_parts_attempts_and_history(jobs_command: Run, school: School, steps: Any) -> None:
    job = submitted(school, steps, 2, 3)
    steps.errors[:] = [TemporaryFailure("The relay is busy."), PermanentFailure("The relay refused it.")]
    run_parts(lane="mail")
    told = jobs_command("show", job.pk, "--json").document
    assert told["parts"] == {"done": 1, "delayed": 1, "failed": 1}
    assert [part["state"] for part in told["parts_listed"]] == ["failed", "delayed", "done"]
    assert [attempt["outcome"] for attempt in told["attempts"]] == ["failed", "again"]
    assert [event["what"] for event in told["events"]] == ["submitted", "started"]
    text = jobs_command("show", job.pk, "--most", 1).text
    assert "The relay refused it." in text
    assert f"Job {job.pk}: " in text


def test_show_tells_the_jobs_that_it_follows(jobs_command: Run, school: School, steps: Any) -> None:
    before = [submitted(school, steps, key=key) for key in ("one", "two")]
    ids = [job.pk for job in before]
    job = submitted(school, steps, key="three", after=before)
    assert jobs_command("show", job.pk, "--json").document["after"] == ids
    assert f"  after             {ids[0]}, {ids[1]}\n" in jobs_command("show", job.pk).text
    assert "  after             -\n" in jobs_command("show", ids[0]).text


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (JobState.DONE, Exit.DONE),
        (JobState.PROBLEMS, Exit.PROBLEMS),
        (JobState.FAILED, Exit.BADLY),
        (JobState.STOPPED, Exit.BADLY),
        (None, Exit.OPEN),
    ],
)
def test_waiting_says_by_its_code_how_the_job_ended(
    jobs_command: Run, school: School, steps: Any, state: JobState | None, code: Exit
) -> None:
    job = submitted(school, steps)
    if state is not None:
        lifecycle.end(job, state=state)
    assert jobs_command("show", job.pk, "--wait", "0", "--json").exit == code
    assert jobs_command("show", job.pk).exit == Exit.DONE


@pytest.mark.django_db(transaction=True)
def test_waiting_ends_as_soon_as_the_job_does(jobs_command: Run, school: School, steps: Any) -> None:
    job = submitted(school, steps)

    def end() -> None:
        lifecycle.end(Job.objects.get(pk=job.pk), state=JobState.DONE)
        connection.close()

    ending = threading.Timer(0.1, end)
    ending.start()
    ran = jobs_command("show", job.pk, "--wait", "20")
    ending.join()
    assert ran.exit == Exit.DONE


def test_changes_are_made_in_order_with_who_and_why(jobs_command: Run, school: School, steps: Any) -> None:
    jobs = [submitted(school, steps, key=key) for key in ("first", "second")]
    person = make_person(school=school)
    ids = [job.pk for job in jobs]
    paused = jobs_command("pause", *ids, "--why", "Storm.", "--by", person.email)
    assert paused.text.count("is paused.") == 2
    resumed = jobs_command("resume", *ids, "--json").document
    assert [result["job"]["state"] for result in resumed["results"]] == ["waiting"] * 2
    assert jobs_command("stop", *ids).exit == Exit.DONE
    assert jobs_command("retry", *ids).exit == Exit.DONE
    event = JobEvent.objects.get(job=jobs[0], what="paused")
    assert (event.by, event.why) == (person, "Storm.")
    assert not Attempt.objects.filter(outcome=AttemptOutcome.FAILED).exists()
    assert {part.state for job in jobs for part in job.parts.all()} == {PartState.WAITING}


@pytest.mark.parametrize("verb", ["stop", "pause", "resume", "retry"])
def test_change_that_does_not_fit_the_state_is_refused(
    jobs_command: Run, school: School, steps: Any, verb: str
) -> None:
    job = submitted(school, steps)
    run_parts(lane="mail")
    ran = jobs_command(verb, job.pk)
    assert ran.exit == Exit.REFUSED
    assert "cannot be" in ran.error


def test_job_that_there_is_not_is_not_found(jobs_command: Run) -> None:
    ran = jobs_command("show", 999_999)
    assert (ran.exit, ran.error) == (Exit.NOT_FOUND, "There is no job 999999.")


def run_in_shell(*arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        **os.environ,
        "SECRET_KEY": "for-tests",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    }
    command = [sys.executable, "-W", "ignore", str(ROOT / "manage.py"), "jobs", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_database_that_does_not_answer_is_one_sentence_in_a_shell() -> None:
    ran = run_in_shell("list")
    assert ran.returncode == Exit.NO_DATABASE
    assert ran.stdout == ""
    assert ran.stderr == "The database does not answer; check DATABASE_URL, and whether its server runs.\n"


def test_wrong_usage_ends_with_2_in_a_shell_and_help_tells_the_codes() -> None:
    wrong = run_in_shell("list", "--state", "nonsense")
    assert wrong.returncode == Exit.INVALID
    assert "Traceback" not in wrong.stderr
    assert "5  with --wait: the job failed or was stopped" in run_in_shell("show", "--help").stdout
