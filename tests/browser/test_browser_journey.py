"""A day at the career office, in a real browser: sign in, write, build, upload; and what ops see of it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from switchyard.demo.logins import LOGINS

from jobs.settings import switchyard
from tests.browser.steps import END_WITHIN, build_packet, send_mailing, sign_in, upload_sample

pytestmark = [pytest.mark.browser, pytest.mark.journey]

STAFF = next(login for login in LOGINS if login.role == "staff")
LAKESIDE = next(login for login in LOGINS if login.school == "lakeside")
OPS = next(login for login in LOGINS if login.role == "ops")
LINE_PIXELS = 20
FITS = """() => {
  const frame = document.querySelector(".mail-frame");
  const mail = frame?.contentDocument?.querySelector("body > p")?.ownerDocument.documentElement;
  return mail && mail.scrollHeight <= mail.clientHeight && mail.clientHeight <= mail.offsetHeight + 40;
}"""


def test_staff_send_build_and_upload_while_ops_watch(page: Page, tmp_path: Path) -> None:
    sign_in(page, email=STAFF.email)
    send_mailing(page, folder=tmp_path)
    build_packet(page, folder=tmp_path)
    upload_sample(page, folder=tmp_path)
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, email=OPS.email)
    watch_lanes(page)


def test_frame_of_a_formatted_mail_is_as_high_as_the_mail(page: Page) -> None:
    sign_in(page, email=LAKESIDE.email)
    page.goto("/mailings/new/")
    page.get_by_label("Subject").fill("Formatted, from the browser")
    page.get_by_label("Format", exact=True).select_option("markdown")
    text = page.get_by_label("Text", exact=True)
    text.fill("Dear **{{ first_name }}**")
    page.get_by_role("button", name="Look at the mailing").click()
    short = height_that_fits(page)
    page.get_by_role("link", name="Change", exact=True).click()
    text.fill("\n\n".join(["Dear **{{ first_name }}**"] * 40))
    page.get_by_role("button", name="Look at the mailing").click()
    assert height_that_fits(page) > short + 30 * LINE_PIXELS
    page.get_by_role("button", name="Throw this draft away").click()


def height_that_fits(page: Page) -> float:
    """Return the height of the mail's frame once it shows the whole mail and nothing below it."""
    page.wait_for_function(FITS, timeout=END_WITHIN)
    box = page.locator(".mail-frame").bounding_box()
    assert box is not None
    return box["height"]


def watch_lanes(page: Page) -> None:
    page.get_by_role("link", name="Operations").click()
    for lane in switchyard().lanes:
        expect(page.get_by_role("link", name=f"{lane} in Flower")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open Flower").click()
    queues = opened.value.locator("#queue-table")
    for lane in switchyard().lanes:
        expect(queues.get_by_role("cell", name=lane, exact=True)).to_be_visible()
