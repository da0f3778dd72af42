"""Mailings through a provider's HTTP API, with the real web server, broker, workers and pages."""

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import psycopg2
import pytest
import requests

from tests.emails.provider_fake import FakeMailgun, served
from tests.journeys.sign_in import Browser, found, sign_in, wait_for
from tests.journeys.yards import RunningYard
from tests.seeds import Seed

pytestmark = pytest.mark.journey

PROGRAMME = Random(20261128).randbytes(200_001)
SIGNING_KEY = "signing-key"


@pytest.fixture(scope="module")
def mailgun() -> Iterator[tuple[FakeMailgun, str]]:
    """The provider's API, and its address."""
    with served(FakeMailgun()) as serving:
        yield serving


@pytest.fixture(scope="module")
def lakeside(
    mailgun: tuple[FakeMailgun, str],
    make_var: Callable[[], Path],
    start_yard: Callable[..., RunningYard],
    seed: Seed,
) -> Iterator[tuple[RunningYard, Browser]]:
    """A platform that sends one school's mailings through it, and a browser of that school's staff."""
    var = make_var()
    seed.plant(var / "postgres")
    yard = start_yard(
        var=var,
        MAIL_PROVIDER="mailgun",
        MAIL_PROVIDER_KEY="key",
        MAIL_PROVIDER_URL=mailgun[1],
        MAIL_PROVIDER_SCHOOLS="lakeside",
        MAIL_PROVIDER_WEBHOOK_SECRET=SIGNING_KEY,
    )
    yard.wait_until_ready()
    browser = Browser(yard.base_url)
    sign_in(browser, mail_folder=yard.mail_folder, school="lakeside")
    yield yard, browser
    browser.close()
    yard.ask_to_end()
    assert yard.wait_for_end() == 0, yard.said()


def send(browser: Browser, draft: str) -> str:
    """Send a draft to all whom it finds, and return its job's path once it has ended."""
    preview = browser.page(draft)
    seen = {
        "confirmed": int(found(r'name="confirmed" value="(\d+)"', preview)),
        "version": found(r'name="version" value="(\w+)"', preview),
    }
    job = browser.post(f"{draft}send/", seen, page=draft)
    wait_for(lambda: "hx-get" not in browser.page(f"{job}standing/"), seconds=120)
    return job


def write(browser: Browser, *, search: str, subject: str, files: Any = None) -> str:
    """Write a mailing and return where its draft is."""
    fields = {"subject": subject + " {{ first_name }}", "body": "Dear {{ first_name }}", "search": search}
    return browser.post("/mailings/new/", fields, files=files)


def test_mailing_leaves_in_few_calls_and_its_events_come_back(
    lakeside: tuple[RunningYard, Browser], mailgun: tuple[FakeMailgun, str]
) -> None:
    (yard, browser), (api, _) = lakeside, mailgun
    file = ("Programme.pdf", PROGRAMME, "application/pdf")
    job = send(browser, write(browser, search="an", subject="All", files={"attachments": file}))
    assert "badge done" in browser.page(f"{job}standing/")
    caught = [mail for mail in api.caught if mail.subject.startswith("All ")]
    assert len(caught) == len({mail.to for mail in caught}) > 1
    assert len(api.calls) < len(caught)
    for mail in caught:
        assert mail.files == {"Programme.pdf": PROGRAMME}
        assert mail.text.startswith(f"Dear {mail.subject.removeprefix('All ')}")
    assert tell_failure(yard, mark=caught[0].mark) == 204
    assert state_of(yard, address=caught[0].to) == "bounced"


def test_each_student_gets_their_own_file(
    lakeside: tuple[RunningYard, Browser], mailgun: tuple[FakeMailgun, str]
) -> None:
    (yard, browser), (api, _) = lakeside, mailgun
    numbers = dict(
        rows(
            yard,
            "SELECT lower(student.email), number FROM uploads_student student JOIN jobs_school school "
            "ON school.id = school_id WHERE slug = %s ORDER BY student.id LIMIT 5",
            "lakeside",
        )
    )
    draft = write(browser, search="", subject="Own")
    files = [("chosen", (f"Letter_{number}.pdf", number.encode())) for number in numbers.values()]
    browser.post(f"{draft}own-files/", {}, files=files)
    browser.post(f"{draft}choose/", {"choice": "without-lacking"}, page=draft)
    job = send(browser, draft)
    assert "badge done" in browser.page(f"{job}standing/")
    caught = [mail for mail in api.caught if mail.subject.startswith("Own ")]
    assert {mail.to.lower(): mail.files for mail in caught} == {
        address: {f"Letter_{number}.pdf": number.encode()} for address, number in numbers.items()
    }
    assert len(caught) == 5


def tell_failure(yard: RunningYard, *, mark: str) -> int:
    """Tell the platform that the mail with this mark came back, as the provider does."""
    signed_at = str(int(time.time()))
    proof = hmac.new(SIGNING_KEY.encode(), f"{signed_at}token".encode(), hashlib.sha256).hexdigest()
    event = {
        "signature": {"timestamp": signed_at, "token": "token", "signature": proof},
        "event-data": {
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "user-variables": {"switchyard": mark},
            "delivery-status": {"message": "552 5.2.2 mailbox full"},
        },
    }
    answer = requests.post(f"{yard.base_url}/mailings/providers/mailgun/", json=event, timeout=30)
    return answer.status_code


def state_of(yard: RunningYard, *, address: str) -> str:
    """Return how the ledger of the first mailing stands for an address."""
    [(state,)] = rows(
        yard,
        "SELECT state FROM emails_recipient JOIN emails_mailing mailing ON mailing.id = mailing_id "
        "WHERE subject LIKE 'All %%' AND address = %s",
        address,
    )
    return str(state)


def rows(yard: RunningYard, query: str, value: str) -> list[Any]:
    """Return what the platform's database has."""
    with closing(psycopg2.connect(yard.database_url)) as connection, connection.cursor() as cursor:
        cursor.execute(query, [value])
        return cursor.fetchall()
