"""A packet through the whole platform: the form, the broker, the workers, the download."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from pypdf import PdfReader

from tests.journeys.sign_in import Browser, found, mails, sign_in, wait_for

pytestmark = pytest.mark.journey

NEW = "/packets/new/?major=Economics&graduation_year=&search="
ROW = r'name="students" value="(\d+)".*?<label for="student_\d+">(.*?)</label>'


@pytest.fixture
def browser(yard: Any) -> Iterator[Browser]:
    """A browser in which a school's staff is signed in."""
    browser = Browser(yard.base_url)
    sign_in(browser, mail_folder=yard.mail_folder)
    yield browser
    browser.close()


def ended(browser: Browser, job: str) -> bool:
    """Say whether the job's page shows an end."""
    return bool(re.search('class="badge (done|problems|failed|stopped)"', browser.page(f"{job}standing/")))


def test_packet_of_a_school_is_built_and_opens_with_its_bookmarks(browser: Browser) -> None:
    page = browser.page(NEW)
    chosen = {number: html.unescape(name) for number, name in re.findall(ROW, page)}
    assert len(chosen) > 13
    assert f"Build packet for {len(chosen)} students" in page
    job = browser.post(
        NEW,
        {
            "form_key": found('name="form_key" value="([^"]+)"', page),
            "title": "Journey to the fair",
            "document_types": ["resume", "transcript"],
            "students": list(chosen),
        },
    )
    wait_for(lambda: ended(browser, job))
    shown = browser.page(job)
    answer = browser.get(found('href="(/files/\\d+/)"', shown))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Journey to the fair.pdf"'
    reader = PdfReader(BytesIO(answer.content))
    assert f"<strong>{len(reader.pages)}</strong><span>pages</span>" in shown
    names = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert f"<strong>{len(names)}</strong><span>of {len(chosen)} students</span>" in shown
    assert names == [name for name in chosen.values() if name in names]
    for entry in reader.outline:
        if not isinstance(entry, list):
            text = reader.pages[reader.get_destination_page_number(entry)].extract_text()
            assert entry.title.split()[-1] in text


def test_killed_worker_mails_a_packet_to_nobody_twice(browser: Browser, yard: Any) -> None:
    title = f"Journey {uuid4().hex}"
    job = build(browser, title=title)
    share = found('href="(/packets/\\d+/share/)"', browser.page(job))
    to = "\n".join(f"Employer {number} <jobs{number}@employers.example>" for number in range(20))
    fields = {"recipients": to, "way": "mail-file", "days": "7"}
    key = found('name="form_key" value="([^"]+)"', browser.page(share))
    mailing = browser.post(share, {**fields, "form_key": key})
    wait_for(lambda: len(mails(yard.mail_folder, subject=title, head_only=True)) >= 2)
    for worker in yard.named("worker", "mail"):
        worker.kill()
    wait_for(lambda: ended(browser, mailing), seconds=120)
    arrived = Counter(mail["To"] for mail in mails(yard.mail_folder, subject=title, head_only=True))
    assert set(arrived.values()) == {1}
    page = browser.page(mailing)
    sent, uncertain = page.count('State">Sent'), page.count('State">Uncertain')
    assert sent + uncertain == 20
    assert sent <= len(arrived) <= 20


def build(browser: Browser, *, title: str) -> str:
    """Build a packet of the economists and return its job's page."""
    page = browser.page(NEW)
    fields = {
        "form_key": found('name="form_key" value="([^"]+)"', page),
        "title": title,
        "document_types": ["resume"],
        "students": [number for number, _ in re.findall(ROW, page)],
    }
    job = browser.post(NEW, fields)
    wait_for(lambda: ended(browser, job))
    return job
