"""A packet's way to an employer, in a real browser: shared with a password, taken back, mailed, deleted."""

import re
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect
from switchyard.demo.logins import LOGINS

from tests.browser.steps import END_WITHIN, expect_job_done, sign_in
from tests.journeys.sign_in import mails, wait_for
from tests.journeys.yards import RunningYard

pytestmark = [pytest.mark.browser, pytest.mark.journey]

STAFF = next(login for login in LOGINS if login.role == "staff")
LINK = re.compile(r"https?://\S+/packets/shared/\S+")


def test_an_employer_gets_a_packet_and_staff_keep_it_in_hand(page: Page, yard: RunningYard) -> None:
    title = f"Fair {uuid4().hex[:12]}"
    sign_in(page, email=STAFF.email)
    packet = build(page, title=title)
    link = share_with_password(page, password="harbor lights")
    browser = page.context.browser
    assert browser is not None
    content = fetch_as_employer(browser, link, password="harbor lights", title=title)
    assert content.startswith(b"%PDF")
    page.goto(packet)
    expect(page.get_by_text("Downloaded by a link")).to_be_visible()
    revoke(page, browser, link)
    [linked] = mail(page, packet, way="We mail each of them a link", title=title, yard=yard)
    assert not list(linked.iter_attachments())
    [address] = LINK.findall(linked.get_body().get_content())  # type: ignore[union-attr, attr-defined]
    assert see(browser, address) == (200, "Please note")
    attached = mail(
        page, packet, way="We mail each of them the file as an attachment", title=title, yard=yard
    )
    [file] = attached[-1].iter_attachments()
    assert file.get_payload(decode=True) == content
    page.goto(packet)
    page.get_by_role("link", name="Delete the files now").click()
    page.get_by_role("button", name="Delete the files of the packet").click()
    expect(page.get_by_text("The files of this packet were deleted on")).to_be_visible()
    expect(page.get_by_role("cell", name="File mailed")).to_be_visible()
    assert see(browser, address) == (410, "was deleted on")


def build(page: Page, *, title: str) -> str:
    """Build a packet of a few students and return the address of its page."""
    page.goto("/packets/new/?search=an&major=&graduation_year=")
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_role("button", name=re.compile(r"^Build packet for \d+ students?")).click()
    expect_job_done(page)
    expect(page.get_by_role("link", name="Share with employers")).to_be_visible(timeout=END_WITHIN)
    return page.url


def share_with_password(page: Page, *, password: str) -> str:
    """Make a link on the packet's page and return its address."""
    page.get_by_role("link", name="Share with employers").click()
    page.get_by_label("Recipients").fill("Harbor Health <jobs@harbor.example>")
    page.get_by_label("Only make the links").check()
    page.get_by_label("Password of the links").fill(password)
    page.get_by_role("button", name="Share the packet").click()
    return page.get_by_label("Link for Harbor Health").input_value()


def fetch_as_employer(browser: Browser, link: str, *, password: str, title: str) -> bytes:
    """Open the link where nobody is signed in, with a wrong password first, and return the file."""
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    page.goto(link)
    assert title not in page.content()
    for typed in ("a guess", password):
        page.get_by_label("Password").fill(typed)
        page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_text("Do not pass them on to anybody")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("button", name="I have read this: download the file").click()
    content = Path(started.value.path()).read_bytes()
    context.close()
    return content


def revoke(page: Page, browser: Browser, link: str) -> None:
    """Take the link back, and see that it says so."""
    page.get_by_role("link", name="Revoke the link for Harbor Health").click()
    page.get_by_role("button", name="Let the link work no more").click()
    expect(page.get_by_text("does not work any more").first).to_be_visible()
    assert see(browser, link) == (410, "took this link back")


def mail(page: Page, packet: str, *, way: str, title: str, yard: RunningYard) -> list[EmailMessage]:
    """Mail the packet, and return all mails that brought it so far."""
    before = len(mails(yard.mail_folder, subject=title))
    page.goto(packet)
    page.get_by_role("link", name="Share with employers").click()
    page.get_by_label("Recipients").fill("River Bank <people@river.example>")
    page.get_by_label(way).check()
    page.get_by_role("button", name="Share the packet").click()
    expect_job_done(page)
    return wait_for(lambda: [*mails(yard.mail_folder, subject=title)] if before < _count(yard, title) else [])


def see(browser: Browser, address: str) -> tuple[int, str]:
    """Open the address where nobody is signed in; return the status and what the page says."""
    context = browser.new_context()
    page = context.new_page()
    answer = page.goto(address)
    text = page.locator("main").inner_text()
    context.close()
    known = ("Please note", "took this link back", "was deleted on")
    assert answer is not None
    return answer.status, next((words for words in known if words in text), text)


def _count(yard: RunningYard, title: str) -> int:
    return len(mails(yard.mail_folder, subject=title, head_only=True))
