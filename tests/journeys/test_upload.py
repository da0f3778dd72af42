"""An upload through the whole platform: the form, the check, the import, the wrong rows."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from tests.journeys.sign_in import Browser, found, sign_in, wait_for
from uploads.views import SAMPLE

pytestmark = pytest.mark.journey

NEW = "/uploads/new/"
WRONG_ROWS = ["9", "17", "26", "35", "52", "43"]
"""Row 43 has more cells than there are headings: such rows stand last."""


@pytest.fixture
def browser(yard: Any) -> Iterator[Browser]:
    """A browser in which a school's staff is signed in."""
    browser = Browser(yard.base_url)
    sign_in(browser, mail_folder=yard.mail_folder, school="lakeside")
    yield browser
    browser.close()


def students(yard: Any) -> dict[str, str]:
    """Return number and e-mail address of Lakeside's students in the yard's database."""
    connection = psycopg2.connect(yard.database_url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT number, email FROM uploads_student student"
                " JOIN jobs_school school ON school.id = school_id WHERE slug = 'lakeside'"
            )
            return dict(cursor.fetchall())
    finally:
        connection.close()


def send(browser: Browser, data: bytes, *, status: int = 200) -> str:
    """Send the file and return the path of its upload."""
    key = found('name="key" value="([^"]+)"', browser.page(NEW))
    file = ("students.csv", data, "text/csv")
    return browser.post(NEW, {"key": key}, files={"file": file}, status=status)


def shows(browser: Browser, path: str, sentence: str) -> bool:
    """Say whether the page holds the sentence."""
    return sentence in browser.page(path)


def test_an_upload_lands_and_its_wrong_rows_come_back(browser: Browser, yard: Any) -> None:
    before = students(yard)
    upload = send(browser, browser.get("/uploads/sample/").content)
    wait_for(lambda: shows(browser, upload, "Import 54 good rows"))
    assert students(yard) == before

    browser.post(f"{upload}import/", {}, page=upload)
    wait_for(lambda: shows(browser, upload, "54 new, 0 changed, 0 unchanged"))
    sample = list(csv.DictReader(io.StringIO(SAMPLE.read_text(encoding="utf-8"))))
    landed = students(yard)
    assert len(landed) == len(before) + 54
    good = [row for place, row in enumerate(sample, start=2) if str(place) not in WRONG_ROWS]
    assert {row["Student ID"]: row["Email"] for row in good} == dict(landed.items() - before.items())

    address = found(r'href="(/files/\d+/)" download>Download the 6 wrong rows', browser.page(upload))
    text = browser.get(address).content.decode("utf-8-sig")
    wrong = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["problem"].partition(":")[0] for row in wrong] == [f"Row {row}" for row in WRONG_ROWS]

    again = send(browser, SAMPLE.read_bytes())
    wait_for(lambda: shows(browser, again, "<strong>54</strong><span>unchanged</span>"))


def test_a_picture_is_refused_on_the_form(browser: Browser) -> None:
    assert send(browser, b"\x89PNG\r\n\x1a\n\0\0\0\r", status=422) == NEW
