"""Sending: submitted once, to exactly the confirmed students, with ids only."""

import json
import threading
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from emails import preflight, reaching, sending
from emails.models import Mailing, Recipient
from jobs.models import Job, Part, Person, School
from jobs.testing import heard_doorbells, make_person, make_school, run_parts
from tests.emails.people import attach


@pytest.fixture
def mailing(school: School, author: Person, students: Any) -> Mailing:
    students.add(school, "ana@x.example", "bea@x.example")
    return Mailing.objects.create(
        school=school, created_by=author, subject="Fair", body="Hi {{ first_name }}"
    )


def test_recipients_are_the_students_that_the_filter_finds(mailing: Mailing, students: Any) -> None:
    students.add(mailing.school, "cem@x.example", major="Law", graduation_year=2026)
    students.add(make_school(), "dee@x.example", major="Law", graduation_year=2026)
    mailing.major, mailing.graduation_year = "Law", 2026
    assert [student.email for student in reaching.recipients_of(mailing)] == ["cem@x.example"]


def test_what_is_required_is_asked_of_the_draft_that_goes_out(mailing: Mailing, author: Person) -> None:
    Mailing.objects.update(body="Written a moment ago")
    seen: list[tuple[str, int]] = []

    def require(locked: Mailing, reach: reaching.Reach, **_: object) -> None:
        seen.append((locked.body, len(reach.recipients)))
        raise preflight.Blocked

    with pytest.raises(preflight.Blocked):
        sending.send(mailing=mailing, by=author, confirmed=2, require=require)
    assert seen == [("Written a moment ago", 2)]
    assert not Job.objects.exists()


def test_click_that_sends_reads_the_files_once(mailing: Mailing, author: Person) -> None:
    attach(mailing)
    version = mailing.version(files=mailing.attached_files())
    with CaptureQueriesContext(connection) as asked:
        sending.send(
            mailing=mailing, by=author, confirmed=2, version=version, require=preflight.require_sendable
        )
    statements = [query["sql"] for query in asked.captured_queries]
    assert sum('FROM "emails_attachment"' in each for each in statements) == 1


def test_two_students_with_one_address_get_one_mail(mailing: Mailing, students: Any) -> None:
    students.add(mailing.school, "ANA@x.example", "")
    assert [student.email for student in reaching.recipients_of(mailing)] == [
        "ana@x.example",
        "bea@x.example",
    ]


def test_submission_carries_ids_only(mailing: Mailing, author: Person, relay: Any) -> None:
    job = sending.send(mailing=mailing, by=author, confirmed=2)
    run_parts(lane="bulk")
    assert job.arguments == {"mailing": mailing.pk}
    said = json.dumps([part.arguments for part in Part.objects.all()])
    assert "@" not in said
    assert relay.addresses == ["ana@x.example", "bea@x.example"]


def test_students_who_came_after_the_click_get_nothing(
    mailing: Mailing, author: Person, students: Any, relay: Any
) -> None:
    sending.send(mailing=mailing, by=author, confirmed=2)
    students.add(mailing.school, "cem@x.example")
    run_parts(lane="bulk")
    assert relay.addresses == ["ana@x.example", "bea@x.example"]


def test_changed_number_of_students_is_asked_about_again(mailing: Mailing, author: Person) -> None:
    with pytest.raises(sending.RecipientsChanged, match="now 2 students get this mailing, not 3"):
        sending.send(mailing=mailing, by=author, confirmed=3)
    assert not Job.objects.exists()


def test_draft_that_changed_after_the_preview_is_not_sent(mailing: Mailing, author: Person) -> None:
    seen = mailing.version(files=mailing.attached_files())
    Mailing.objects.update(body="Another text")
    with pytest.raises(sending.DraftChanged, match="changed meanwhile"):
        sending.send(mailing=mailing, by=author, confirmed=2, version=seen)
    assert not Job.objects.exists()


def test_mailing_to_nobody_is_refused(mailing: Mailing, author: Person) -> None:
    mailing.search = "nobody"
    mailing.save()
    with pytest.raises(sending.NoRecipients, match="nobody to send to"):
        sending.send(mailing=mailing, by=author, confirmed=0)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_send_once(mailing: Mailing, author: Person) -> None:
    jobs: list[int] = []
    barrier = threading.Barrier(2, timeout=10)

    def click() -> None:
        barrier.wait()
        try:
            jobs.append(sending.send(mailing=mailing, by=author, confirmed=2).pk)
        finally:
            connection.close()

    with heard_doorbells() as heard:
        clicks = [threading.Thread(target=click) for _ in range(2)]
        for one in clicks:
            one.start()
        for one in clicks:
            one.join(timeout=30)
    assert len(jobs) == 2
    assert len(set(jobs)) == 1
    assert heard == [("bulk", "emails.mailing", 1)]


def test_plan_that_runs_twice_writes_one_ledger(mailing: Mailing, author: Person, relay: Any) -> None:
    job = sending.send(mailing=mailing, by=author, confirmed=2)
    run_parts(lane="bulk")
    before = list(Recipient.objects.values_list("pk", "message_id"))
    job.parts.filter(step="plan").update(state="waiting", ended_at=None)
    Job.objects.update(parts_open=1)
    run_parts(lane="bulk")
    assert list(Recipient.objects.values_list("pk", "message_id")) == before
    assert len(relay.caught) == 2


def test_test_mail_goes_to_its_author_only(mailing: Mailing, author: Person, relay: Any) -> None:
    sending.send_test(mailing=mailing, by=author, key="a" * 32)
    sending.send_test(mailing=mailing, by=author, key="a" * 32)
    run_parts(lane="mail")
    [(address, mail)] = relay.caught
    assert address == author.email
    assert mail["Subject"] == "[Test] Fair"
    assert mail.get_content().strip() == "Hi Ana"


def test_test_mail_without_students_uses_examples(school: School, relay: Any, students: Any) -> None:
    author = make_person(school=school)
    empty = Mailing.objects.create(
        school=school, created_by=author, subject="Fair", body="{{ first_name }} at {{ school }}"
    )
    sending.send_test(mailing=empty, by=author, key="b" * 32)
    run_parts(lane="mail")
    assert relay.caught[0][1].get_content().strip() == "Maya at Northfield University"
