"""The system's Chromium, driven by Playwright, in front of a yard of the tests' own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

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
POLICY = "Content Security Policy"
"""In what Chromium says of something that it refused."""


@pytest.fixture
def page(yard: RunningYard) -> Iterator[Page]:
    """A page of a fresh browser, at home at the yard's address."""
    with fresh_page(yard.base_url) as page:
        yield page


@contextmanager
def fresh_page(address: str) -> Iterator[Page]:
    """Give a page of a fresh browser, at home at `address`; without Chromium the test is left out.

    Nothing that its pages load or do may be against their own policy. What they load is printed, which pytest
    shows of a test that fails.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = browser.new_context(base_url=address, accept_downloads=True)
        refused = []
        context.on("console", lambda told: refused.append(told.text) if POLICY in told.text else None)
        context.on("response", lambda had: print(had.status, had.request.method, had.url))
        context.on("requestfailed", lambda lost: print("lost", lost.method, lost.url, lost.failure))
        yield context.new_page()
        browser.close()
    assert refused == []
