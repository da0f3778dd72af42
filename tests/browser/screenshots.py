"""Writes pictures of the main pages: both themes and a phone, of a yard that is started for it and ended.

`make screenshots` runs it; FOLDER says where they are written, var/screenshots if it does not.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright
from switchyard.demo.logins import LOGINS
from switchyard.env import ROOT

from tests.browser.conftest import FLAGS
from tests.browser.steps import send_mailing, sign_in, upload_sample
from tests.journeys.yards import RunningYard

PAGES: Mapping[str, Sequence[tuple[str, str]]] = {
    "nobody": [("sign-in", "/sign-in/"), ("status", "/status/"), ("status-history", "/status/history/")],
    "staff": [
        ("home", "/"),
        ("notifications", "/notifications/"),
        ("jobs", "/jobs/"),
        ("mailings", "/mailings/"),
        ("mailing-new", "/mailings/new/"),
        ("packet-new", "/packets/new/"),
        ("uploads", "/uploads/"),
    ],
    "ops": [
        ("operations", "/ops/"),
        ("charts", "/ops/charts/?lane=mail&hours=1"),
        ("late", "/ops/late/"),
        ("bulk", "/ops/jobs/"),
        ("workers", "/ops/workers/"),
        ("incidents", "/ops/incidents/"),
    ],
    "admin": [
        ("settings", "/ops/settings/"),
        ("settings-lane", "/ops/settings/lanes/mail/"),
        ("settings-routes", "/ops/settings/routes/"),
        ("people", "/people/"),
    ],
}
"""By the role of who looks: the name of each picture, and the page."""
PATIENCE = 60_000.0
"""Milliseconds that a step may take on a machine that has much to do."""
END_SECONDS = 60
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
FOLDER = Path(os.environ.get("FOLDER") or ROOT / "var" / "screenshots")


def main() -> None:
    """Start a yard, do a day's work in it, and take the pictures."""
    chromium = shutil.which("chromium")
    if chromium is None:
        message = "There is no chromium on this machine; install Debian's package of that name."
        raise SystemExit(message)
    expect.set_options(timeout=PATIENCE)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running_yard() as yard, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for role, pages in PAGES.items():
            take(browser, yard.base_url, role=role, pages=pages)
        browser.close()
    pictures = sum(3 * len(pages) for pages in PAGES.values())
    print(f"{pictures} pictures are in {FOLDER}")


@contextmanager
def running_yard() -> Iterator[RunningYard]:
    """Give a yard in a folder of its own; nothing of it is left."""
    var = Path(tempfile.mkdtemp(prefix="switchyard-screenshots-"))
    yard = RunningYard(var=var)
    try:
        yard.wait_until_ready()
        yield yard
        yard.ask_to_end()
        yard.child.wait(timeout=END_SECONDS)
    finally:
        yard.close()
        shutil.rmtree(var, ignore_errors=True)


def take(browser: Browser, address: str, *, role: str, pages: Sequence[tuple[str, str]]) -> None:
    """Take the pictures of one role; staff work before, so that there is something to see."""
    context = browser.new_context(base_url=address, viewport=DESK, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    if login := next((login for login in LOGINS if login.role == role), None):
        sign_in(page, email=login.email)
    if role == "staff":
        work(page)
    for name, path in pages:
        page.goto(path)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=FOLDER / f"{name}-{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(PHONE)
        page.screenshot(path=FOLDER / f"{name}-phone.png", full_page=True)
        page.set_viewport_size(DESK)
    context.close()


def work(page: Page) -> None:
    """Send a mailing, import a file, and begin a packet, so that one job is under way."""
    folder = Path(tempfile.mkdtemp(prefix="switchyard-screenshots-"))
    try:
        send_mailing(page, folder=folder)
        upload_sample(page, folder=folder)
    finally:
        shutil.rmtree(folder)
    page.goto("/packets/new/")
    page.get_by_label("Title", exact=True).fill("Spring career fair")
    page.get_by_role("button", name=re.compile("^Build packet for")).click()
    expect(page.locator("#standing")).to_be_visible()


if __name__ == "__main__":
    main()
