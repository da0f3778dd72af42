"""The pages on which columns are chosen and cells corrected: axe-core finds nothing, and they fit a phone."""

import io
import shutil
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import sync_playwright

from jobs.models import Person
from jobs.testing import make_person, run_parts
from tests.browser.conftest import FLAGS
from tests.browser.test_accessibility import faults_of
from uploads.datasets import STUDENTS
from uploads.models import Upload
from uploads.reading import look_at
from uploads.receiving import receive

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
HEAD = "number,first name,last name,email\n"
WRONG = f"{HEAD}{'9' * 50},Maya,Lee,{'maya.lee' * 12}(at)school.example\n"
ODD = (
    f"Reference number of the registrar,Given,Family,E-mail\n{'9' * 50},Maya,Lee,{'m' * 90}@school.example\n"
)


@pytest.fixture
def person() -> Person:
    """One of a school's staff."""
    return make_person()


def faults_in(html: str) -> list[str]:
    """Return what is wrong with a page, in a browser of its own; without Chromium the test is left out."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine")
    style = Path(str(finders.find("switchyard.css"))).read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page()
        page.set_content(html.replace("</head>", f"<style>{style}</style></head>"), wait_until="commit")
        faults = list(faults_of(page))
        browser.close()
    return faults


def hand_in(content: str, by: Person) -> Upload:
    look = look_at(io.BytesIO(content.encode()), dataset=STUDENTS)
    file = SimpleUploadedFile("students.csv", content.encode())
    assert by.school is not None
    upload = receive(file=file, key=uuid4(), school=by.school, by=by, look=look, is_asked=True)
    run_parts(lane="uploads")
    return upload


@pytest.mark.parametrize(("content", "tail"), [(ODD, "columns/"), (WRONG, "")], ids=["columns", "cells"])
def test_pages_of_an_upload_can_be_used_by_all(person: Person, content: str, tail: str) -> None:
    client = Client()
    client.force_login(person)
    shown = client.get(f"/uploads/{hand_in(content, person).pk}/{tail}").content.decode()
    assert ("<select" if tail else 'name="now-2-3"') in shown
    assert faults_in(shown) == []
