"""A mailing through the whole platform: web, broker, workers, relay; also with a worker killed on the way."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from random import Random
from typing import Any
from uuid import uuid4

import psycopg2
import pytest

from tests.journeys.sign_in import Browser, found, mails, sign_in, wait_for

pytestmark = pytest.mark.journey

PROGRAMME = Random(20261103).randbytes(200_001)


@pytest.fixture
def browser(yard: Any) -> Iterator[Browser]:
    """A browser in which a school's staff is signed in."""
    browser = Browser(yard.base_url)
    sign_in(browser, mail_folder=yard.mail_folder)
    yield browser
    browser.close()


@pytest.fixture
def subject() -> str:
    """A subject that no other mail in the yard has."""
    return f"Journey {uuid4().hex} of "


def send(browser: Browser, *, subject: str, search: str, content: bytes) -> tuple[str, int]:
    """Write, look at and send a mailing; return its job's path and the number of students on the button."""
    fields = {
        "subject": subject + "{{ first_name }}",
        "body": "Dear {{ first_name }} {{ last_name }},\nsee you.",
        "search": search,
    }
    file = ("Programme für alle.pdf", content, "application/pdf")
    draft = browser.post("/mailings/new/", fields, files={"attachments": file})
    preview = browser.page(draft)
    count = int(found(r'name="confirmed" value="(\d+)"', preview))
    seen = {"confirmed": count, "version": found(r'name="version" value="(\w+)"', preview)}
    return browser.post(f"{draft}send/", seen, page=draft), count


def test_mailing_arrives_with_its_attachment_intact(browser: Browser, yard: Any, subject: str) -> None:
    job, count = send(browser, subject=subject, search="an", content=PROGRAMME)
    wait_for(lambda: "badge done" in browser.page(f"{job}standing/"))
    arrived = mails(yard.mail_folder, subject=subject)
    assert len(arrived) == len({mail["To"] for mail in arrived}) == count > 1
    for mail in arrived:
        [file] = mail.iter_attachments()
        assert file.get_filename() == "Programme für alle.pdf"
        assert file.get_payload(decode=True) == PROGRAMME
        text = mail.get_body()
        assert isinstance(text, EmailMessage)
        assert text.get_content().startswith(f"Dear {mail['Subject'].removeprefix(subject)} ")


def test_killed_worker_loses_no_mail_and_doubles_none(browser: Browser, yard: Any, subject: str) -> None:
    job, count = send(browser, subject=subject, search="", content=PROGRAMME * 10)
    wait_for(lambda: len(mails(yard.mail_folder, subject=subject, head_only=True)) >= 5)
    for worker in yard.named("worker", "bulk"):
        worker.kill()
    wait_for(lambda: "hx-get" not in browser.page(f"{job}standing/"), seconds=600)  # a gigabyte of mail
    heads = mails(yard.mail_folder, subject=subject, head_only=True)
    arrived = Counter(head["To"].addresses[0].addr_spec for head in heads)
    assert set(arrived.values()) == {1}
    assert attempts(yard, job=job) > 1
    states = ledger(yard, job=job)
    accepted = {address for address, state in states.items() if state == "accepted"}
    uncertain = {address for address, state in states.items() if state == "uncertain"}
    assert len(states) == count
    assert accepted | uncertain == set(states)
    assert accepted <= set(arrived) <= accepted | uncertain


def ledger(yard: Any, *, job: str) -> dict[str, str]:
    """Return the state of each recipient by address, as the database of the yard has it."""
    query = """
        SELECT recipient.address, recipient.state FROM emails_recipient recipient
        JOIN emails_mailing mailing ON mailing.id = recipient.mailing_id WHERE mailing.job_id = %s
    """
    return dict(rows(yard, query, job=job))


def attempts(yard: Any, *, job: str) -> int:
    """Return how often the part that was tried most often was tried."""
    [(most,)] = rows(yard, "SELECT max(attempt) FROM jobs_part WHERE job_id = %s", job=job)
    return int(most)


def rows(yard: Any, query: str, *, job: str) -> list[tuple[Any, ...]]:
    """Return what the yard's database answers to `query` about the job."""
    with closing(psycopg2.connect(yard.database_url)) as connection, connection.cursor() as cursor:
        cursor.execute(query, [int(found(r"(\d+)", job))])
        return cursor.fetchall()
