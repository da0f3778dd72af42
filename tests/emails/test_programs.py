"""A program sends a draft of its school: once, and only to whom it expects."""

from typing import Any

import pytest
from django.test import Client

from emails import sending
from emails.models import Mailing
from jobs import tokens
from jobs.asking import NothingHere, Refused, WrongArguments
from jobs.keys import KeyTaken
from jobs.models import Job, Person, School, Scope
from jobs.requesting import request
from jobs.testing import make_person, make_school, run_parts
from tests.emails.people import hand_in, named


@pytest.fixture
def mailing(school: School, author: Person, students: Any) -> Mailing:
    students.add(school, "ana@x.example", "bea@x.example")
    return Mailing.objects.create(
        school=school, created_by=author, subject="Fair", body="Hi {{ first_name }}"
    )


def send(school: School, *, key: str = "one", priority: int = 0, **arguments: int) -> tuple[Job, bool]:
    given = {"key": key, "priority": priority, "arguments": arguments}
    return request(kind="emails.mailing", school=school, by=None, **given)


def test_draft_is_sent_and_the_same_request_sends_nothing_more(mailing: Mailing, relay: Any) -> None:
    job, is_new = send(mailing.school, mailing=mailing.pk, recipients=2)
    again, is_new_again = send(mailing.school, mailing=mailing.pk, recipients=2)
    run_parts(lane="bulk")
    assert (job, is_new, is_new_again) == (again, True, False)
    assert (job.key, job.title, job.units_total) == ("one", "Fair", 2)
    assert relay.addresses == ["ana@x.example", "bea@x.example"]


def test_other_number_of_students_than_expected_is_refused(mailing: Mailing) -> None:
    with pytest.raises(Refused, match="now 2 students get this mailing, not 3"):
        send(mailing.school, mailing=mailing.pk, recipients=3)
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"mailing": "1"}, {"mailing": True}, {"recipients": "2"}, {"recipients": 2.0}]
)
def test_number_that_is_written_as_something_else_is_refused(mailing: Mailing, wrong: dict[str, Any]) -> None:
    arguments = {"mailing": mailing.pk, **wrong}
    with pytest.raises(WrongArguments, match=r"Send a whole number here\. Its value was"):
        send(mailing.school, **arguments)
    assert not Job.objects.exists()


def test_mailing_that_was_sent_by_its_author_is_refused(mailing: Mailing, author: Person) -> None:
    sending.send(mailing=mailing, by=author, confirmed=2)
    with pytest.raises(Refused, match="was sent before"):
        send(mailing.school, mailing=mailing.pk)


def test_click_after_the_program_finds_the_programs_job(mailing: Mailing, author: Person) -> None:
    job, _ = send(mailing.school, mailing=mailing.pk)
    assert sending.send(mailing=mailing, by=author, confirmed=2) == job


def test_key_of_another_mailing_is_taken(mailing: Mailing) -> None:
    other = Mailing.objects.create(school=mailing.school, subject="Fair", body="Hi")
    send(mailing.school, mailing=mailing.pk)
    with pytest.raises(KeyTaken):
        send(mailing.school, mailing=other.pk)
    other.refresh_from_db()
    assert other.is_draft


def test_key_again_with_another_wish_is_taken(mailing: Mailing) -> None:
    job, is_new = send(mailing.school, mailing=mailing.pk, recipients=2)
    assert is_new
    assert send(mailing.school, mailing=mailing.pk, recipients=2) == (job, False)
    with pytest.raises(KeyTaken, match="to 2 students before, not 3"):
        send(mailing.school, mailing=mailing.pk, recipients=3)
    with pytest.raises(KeyTaken, match="another priority"):
        send(mailing.school, priority=5, mailing=mailing.pk)


def test_mailing_of_another_school_is_not_found(mailing: Mailing) -> None:
    with pytest.raises(NothingHere):
        send(make_school(), mailing=mailing.pk)


@pytest.mark.parametrize("arguments", [{}, {"mailing": 0}, {"mailing": 2**63}, {"mailing": 1, "more": 1}])
def test_arguments_that_cannot_be_used_are_named(school: School, arguments: dict[str, int]) -> None:
    with pytest.raises(WrongArguments, match=r"arguments\."):
        send(school, **arguments)


def test_program_retries_uncertain_mails_only_when_it_says_so(mailing: Mailing, relay: Any) -> None:
    relay.drops_after_dot.add("bea@x.example")
    job, _ = send(mailing.school, mailing=mailing.pk)
    run_parts(lane="bulk")
    relay.drops_after_dot.clear()
    person = make_person(school=mailing.school)
    _, text = tokens.make(school=mailing.school, name="Registry", scopes=Scope.of_schools(), by=person)

    def retry(body: dict[str, object]) -> Any:
        headers = {"Authorization": f"Bearer {text}"}
        address = f"/api/v1/jobs/{job.pk}/retry"
        return Client().post(address, body, content_type="application/json", headers=headers)

    refused = retry({}).json()
    assert refused["type"] == "urn:switchyard:problem:only-uncertain"
    assert "`uncertain: true`" in refused["remedy"]
    assert retry({"uncertain": "yes"}).json()["errors"][0]["detail"] == "Send true or false here."
    answer = retry({"uncertain": True})
    assert (answer.status_code, answer.json()["units"]["uncertain"]) == (200, 0)
    run_parts(lane="bulk")
    assert relay.addresses == ["ana@x.example", "bea@x.example", "bea@x.example"]


def test_draft_with_own_files_is_sent_once_everybody_has_one(
    mailing: Mailing, author: Person, relay: Any
) -> None:
    hand_in(mailing, named("00000.pdf"))
    with pytest.raises(Refused, match="There is no file for 1 student"):
        send(mailing.school, mailing=mailing.pk)
    hand_in(mailing, named("00001.pdf"))
    job, _ = send(mailing.school, mailing=mailing.pk, recipients=2)
    assert job.lane == "bulk-slow"
    run_parts(lane="bulk-slow")
    names = [[part.get_filename() for part in mail.iter_attachments()] for _, mail in relay.caught]
    assert names == [["00000.pdf"], ["00001.pdf"]]
