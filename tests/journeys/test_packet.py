"""A packet through the whole platform: the form, the broker, the workers, the download."""

import html
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from tests.journeys.sign_in import Browser, found, sign_in, wait_for

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
