"""Pages that hold what has no spaces, on a phone in a real browser."""

import shutil
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import sync_playwright

from jobs.models import Role
from jobs.testing import make_person, make_school
from tests.browser.conftest import FLAGS

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
PHONE = {"width": 390, "height": 844}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def overflow_of(html: str) -> int:
    """Return by how many pixels a page is wider than a phone."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine")
    style = Path(str(finders.find("switchyard.css"))).read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_context(viewport=PHONE).new_page()
        page.set_content(f"{html}<style>{style}</style>", wait_until="domcontentloaded")
        too_wide = int(page.evaluate(OVERFLOW))
        browser.close()
    return too_wide


def test_address_that_a_provider_is_told_is_no_wider_than_a_phone() -> None:
    school, admin = make_school(name="Northfield University of Applied Sciences"), Client()
    admin.force_login(make_person(role=Role.ADMIN))
    shown = admin.get(f"/people/providers/{school.slug}/").content.decode()
    assert "/login/callback/" in shown
    assert overflow_of(shown) == 0
