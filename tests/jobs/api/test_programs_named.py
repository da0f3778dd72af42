"""What a program did is told with the name of its token: in the API, on pages, on the command line."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from jobs.models import Job, Person
from jobs.testing import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting")]


@pytest.fixture
def nobodys(program: Any) -> Any:
    """A program whose token was made without a person."""
    program.token.created_by = None
    program.token.save()
    return program


@pytest.fixture
def browser(program: Any) -> Client:
    """Where someone of the program's school is signed in."""
    browser = Client()
    browser.force_login(make_person(school=program.school))
    return browser


def page(browser: Client, job: Job) -> str:
    return " ".join(browser.get(f"/jobs/{job.pk}/").content.decode().split())


def test_each_change_through_a_token_of_nobody_tells_the_program(nobodys: Any) -> None:
    job = nobodys.submit().json()["id"]
    for change in ("pause", "resume", "stop", "retry"):
        assert nobodys.post(f"/jobs/{job}/{change}").status_code == 200
    events = nobodys.get(f"/jobs/{job}/events").json()["events"]
    told = [(event["what"], event["by"], event["program"]) for event in events]
    changes = ["submitted", "paused", "resumed", "stopped", "retried"]
    assert told == [(what, None, "Registry") for what in changes]


def test_submitter_is_the_program_beside_the_person(program: Any) -> None:
    told = program.submit().json()
    assert (told["submitted_by"], told["program"]) == (program.person.name, "Registry")
    assert program.get(f"/jobs/{told['id']}").json()["program"] == "Registry"
    assert program.get("/jobs").json()["jobs"][0]["program"] == "Registry"


def test_what_the_platform_or_a_person_did_names_no_program(program: Any, browser: Client) -> None:
    job = Job.objects.get(pk=program.submit().json()["id"])
    browser.post(f"/jobs/{job.pk}/stop/", {"why": "Wrong."})
    event = program.get(f"/jobs/{job.pk}/events").json()["events"][-1]
    assert (event["what"], event["program"]) == ("stopped", None)


def test_page_says_which_program_asked_and_stopped(nobodys: Any, browser: Client) -> None:
    job = Job.objects.get(pk=nobodys.submit().json()["id"])
    nobodys.post(f"/jobs/{job.pk}/stop", {"why": "ende"})
    told = page(browser, job)
    assert "It was stopped by the program Registry: “ende”." in told
    assert "<strong>Stopped</strong> by the program Registry" in told
    assert "<strong>Asked for</strong> by the program Registry" in told
    assert told.count("by the program Registry") == 4


def test_page_names_the_program_and_the_person_who_made_its_token(program: Any, browser: Client) -> None:
    job = Job.objects.get(pk=program.submit().json()["id"])
    maker: Person = program.person
    assert f"by the program Registry (its token was made by {maker.name})" in page(browser, job)


def test_command_line_tells_the_program(nobodys: Any, capsys: pytest.CaptureFixture[str]) -> None:
    job = nobodys.submit().json()["id"]
    nobodys.post(f"/jobs/{job}/stop", {"why": "ende"})
    call_command("jobs", "show", str(job))
    text = capsys.readouterr().out
    assert "\n  program           Registry\n" in text
    head, submitted, stopped = text.split("\nHistory\n")[1].splitlines()[:3]
    assert head.split() == ["AT", "WHAT", "BY", "PROGRAM", "WHY"]
    assert "Registry" in submitted
    assert "Registry" in stopped


def test_same_key_from_another_program_keeps_the_first_ones_name(program: Any) -> None:
    program.submit()
    program.token.name = "Another"
    program.token.save()
    again = program.submit()
    assert (again.status_code, again.json()["program"]) == (200, "Registry")
