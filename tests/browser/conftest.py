"""The system's Chromium, driven by Playwright, in front of a yard of the tests' own."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.journeys.yards import RunningYard

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def page(yard: RunningYard) -> Iterator[Page]:
    """A page of a fresh browser, at home at the yard's address; without Chromium the test is left out."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_context(base_url=yard.base_url, accept_downloads=True).new_page()
        yield page
        browser.close()
