"""Mailings and codes whose time is over: nothing personal is left of them."""

from typing import Any

from django.test import Client
from django.utils import timezone

from emails import codes, sending
from emails.models import Code, Mailing, Recipient
from jobs.models import Job, Person, StoredFile
from jobs.pruning import prune
from jobs.testing import run_parts
from tests.emails.people import attach

ADDRESSES = [f"s{number}@x.example" for number in range(7)]


def send(mailing: Mailing, *, by: Person, students: Any) -> Job:
    students.add(mailing.school, *ADDRESSES)
    attach(mailing)
    job = sending.send(mailing=mailing, by=by, confirmed=len(ADDRESSES))
    run_parts(lane="bulk")
    return job


def let_a_year_pass() -> None:
    Job.objects.update(ended_at="2020-01-01T00:00Z")


def test_mailing_goes_with_its_recipients_a_batch_at_a_time(
    draft: Mailing, author: Person, students: Any, relay: Any
) -> None:
    send(draft, by=author, students=students)
    let_a_year_pass()
    recipients = len(ADDRESSES)
    while prune(now=timezone.now(), most=5):
        gone, recipients = recipients - Recipient.objects.count(), Recipient.objects.count()
        assert gone <= 5
        assert Mailing.objects.exists() == Job.objects.exists()
    assert not Recipient.objects.exists()
    assert not StoredFile.objects.exists()


def test_mailing_that_is_young_or_a_draft_stays(draft: Mailing, author: Person, students: Any) -> None:
    prune(now=timezone.now())
    assert Mailing.objects.get() == draft


def test_page_of_a_test_mail_outlives_its_mailing(client: Client, draft: Mailing, author: Person) -> None:
    client.force_login(author)
    job = sending.send_test(mailing=draft, by=author, key="a" * 32)
    draft.delete()
    page = client.get(f"/jobs/{job.pk}/")
    assert "is not kept any more" in page.content.decode()


def test_code_goes_with_its_job(author: Person, relay: Any) -> None:
    codes.request_code(person=author, now=timezone.now())
    run_parts(lane="codes")
    let_a_year_pass()
    prune(now=timezone.now())
    assert not Code.objects.exists()
    assert not Job.objects.exists()
