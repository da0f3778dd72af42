"""A template with a logo and a grouping, its preview, and the packet built of it, in a real browser."""

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from switchyard.demo.logins import LOGINS

from packets.previewing import NOT_DRAWN, TOO_LONG
from tests.browser.steps import DEMO_YEAR, END_WITHIN, expect_job_done, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.journey]

LAKESIDE = next(login for login in LOGINS if login.school == "lakeside")
LOADED = "image => image.complete && image.naturalWidth > 0"
BUILD = re.compile(r"^Build packet for \d+ students")


def logo() -> bytes:
    """Return a picture."""
    output = BytesIO()
    Image.new("RGB", (300, 100), (12, 92, 80)).save(output, "PNG")
    return output.getvalue()


def test_template_is_made_previewed_and_built(page: Page) -> None:
    sign_in(page, email=LAKESIDE.email)
    make_template(page)
    page.get_by_role("link", name="New packet with Fairs by major").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value(re.compile(r"^Fair of \d{4}$"))
    expect(page.get_by_label("Order of the students")).to_have_value("major")
    page.get_by_label("Graduation year").select_option(DEMO_YEAR)
    expect(page.get_by_text(re.compile("fits? your search"))).to_be_visible(timeout=END_WITHIN)
    preview(page)
    for name in ("Cover", "Contents", re.compile("^Page before "), re.compile(", page 1$")):
        expect_drawn(page.get_by_role("img", name=name))
    page.get_by_role("button", name=BUILD).click()
    expect_job_done(page)
    expect_drawn(page.get_by_role("img", name="Page 1", exact=True))
    page.goto("/packets/templates/")
    page.get_by_role("link", name="Delete Fairs by major").click()
    page.get_by_role("button", name="Delete the template").click()
    expect(page.get_by_text("was deleted")).to_be_visible()


def preview(page: Page) -> None:
    """Ask for the preview, and again where it took too long on a busy machine: then documents are ready."""
    for _ in range(20):
        page.get_by_role("button", name="Preview the first pages").click()
        expect(page.get_by_role("heading", name="Preview")).to_be_in_viewport(timeout=END_WITHIN)
        if not page.get_by_text(str(TOO_LONG)).count() and not page.get_by_text(str(NOT_DRAWN)).count():
            return


def make_template(page: Page) -> None:
    page.goto("/packets/templates/new/")
    page.get_by_label("Name", exact=True).fill("Fairs by major")
    page.get_by_label("Title of its packets").fill("Fair of {year}")
    file = {"name": "logo.png", "mimeType": "image/png", "buffer": logo()}
    page.get_by_label("Logo on the cover").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_label("Order of the students").select_option("major")
    page.get_by_text("Cover, contents and page numbers").click()
    page.get_by_label("They read").fill("Page {page} of {pages}")
    page.get_by_role("button", name="Save the template").click()
    expect(page.get_by_text("The template “Fairs by major” was saved.")).to_be_visible()


def expect_drawn(image: Locator) -> None:
    """Wait until the picture is there and is one."""
    expect(image).to_be_visible(timeout=END_WITHIN)
    image.scroll_into_view_if_needed()
    handle = image.element_handle()
    image.page.wait_for_function(LOADED, arg=handle, timeout=END_WITHIN)
