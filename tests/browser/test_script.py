"""What the pages' own script does in a real browser: menus that Esc closes, and pages that are left."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Route, sync_playwright

from tests.browser.conftest import FLAGS

pytestmark = pytest.mark.browser

SITE = "http://careers.example"
MENU = '<details class="menu"><summary>Programs</summary><a href="/other/">Tokens</a></details>'
LIVE = '<div id="now" data-live hx-get="/slow/" hx-trigger="load"></div>'
Show = Callable[[str], Page]


@pytest.fixture
def show() -> Iterator[Show]:
    """Show a body with the scripts of the pages; what it asks at /slow/ is never answered."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine")
    scripts = [Path(str(finders.find(name))) for name in ("django_htmx/htmx-2.min.js", "switchyard.js")]
    loaded = "".join(f"<script>{script.read_text()}</script>" for script in scripts)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page()

        def open_page(body: str) -> Page:
            def answer(route: Route) -> None:
                if not route.request.url.endswith("/slow/"):
                    html = f"<!doctype html><title>Page</title><p hidden id='stale'></p>{body}{loaded}"
                    route.fulfill(body=html, content_type="text/html")

            page.route("**/*", answer)
            page.goto(SITE)
            return page

        yield open_page
        browser.close()


def test_escape_closes_an_open_menu_and_goes_back_to_its_button(show: Show) -> None:
    page = show(MENU)
    menu, link = page.locator("details.menu"), page.get_by_text("Tokens")
    page.get_by_text("Programs").click()
    link.focus()
    assert link.is_visible()
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_click_beside_a_menu_closes_it(show: Show) -> None:
    page = show(f"{MENU}<p>Beside</p>")
    page.get_by_text("Programs").click()
    page.get_by_text("Beside").click()
    assert page.locator("details.menu").get_attribute("open") is None


def test_page_that_is_left_while_it_asks_logs_no_error(show: Show) -> None:
    page = show("")
    errors: list[str] = []
    page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    with page.expect_request("**/slow/"):
        page = show(LIVE)
    page.evaluate("dispatchEvent(new Event('beforeunload'))")
    page.evaluate("htmx.trigger('#now', 'htmx:abort')")  # as a browser does that breaks it off
    assert errors == []


def test_request_that_breaks_off_on_a_page_that_stays_is_still_an_error(show: Show) -> None:
    page = show("")
    errors: list[str] = []
    page.on("console", lambda told: errors.append(told.text) if told.type == "error" else None)
    with page.expect_request("**/slow/"):
        page = show(LIVE)
    page.evaluate("htmx.trigger('#now', 'htmx:abort')")
    assert any("sendAbort" in text for text in errors)
