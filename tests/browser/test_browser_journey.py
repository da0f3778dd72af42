"""A day at the career office, in a real browser: sign in, write, build, upload; and what ops see of it."""

import re
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Page, expect
from switchyard.demo.logins import LOGINS, PASSWORD

from jobs.settings import switchyard

pytestmark = [pytest.mark.browser, pytest.mark.journey]

STAFF = next(login for login in LOGINS if login.role == "staff")
LAKESIDE = next(login for login in LOGINS if login.school == "lakeside")
OPS = next(login for login in LOGINS if login.role == "ops")
SECONDS = 1000.0
END_WITHIN = 60 * SECONDS
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


def sign_in(page: Page, *, email: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Handed to the mail server")).to_be_visible(timeout=END_WITHIN)
    page.get_by_label("Six-digit code").fill(newest_code(page, email=email))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name=re.compile("^Hello"))).to_be_visible()


def newest_code(page: Page, *, email: str) -> str:
    """Read the code on the mailbox page, in a tab of its own as a person would."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="test mailbox").click()
    mailbox = opened.value
    mails = mailbox.get_by_role("row").filter(has_text=email).filter(has_text="sign-in code")
    mails.first.get_by_role("link").click()
    found = re.search(r"\b\d{6}\b", mailbox.locator("pre").inner_text())
    mailbox.close()
    assert found is not None
    return found[0]


def send_mailing(page: Page, *, folder: Path) -> None:
    programme = folder / "Programme of the fair.pdf"
    programme.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 40)
    page.get_by_role("link", name="New mailing").click()
    page.get_by_label("Subject").fill("Autumn fair, from the browser")
    page.get_by_label("Text", exact=True).fill("Dear {{ first_name }},\n\nsee you at the fair.")
    page.locator("input[type=file]").set_input_files(programme)
    page.get_by_label("Search").fill("an")
    page.get_by_role("button", name="Look at the mailing").click()
    button = re.compile(r"^Send to (\d+) students")
    page.get_by_role("button", name=button).click()
    [count] = button.findall(page.get_by_role("button", name=button).inner_text())
    page.get_by_label("Type the number of students to confirm").fill(count)
    page.get_by_role("button", name=button).click()
    expect_job_done(page)
    assert read_attachment(page, subject="Autumn fair, from the browser") == programme.read_bytes()


def read_attachment(page: Page, *, subject: str) -> bytes:
    page.goto("/mailbox/")
    page.get_by_role("row").filter(has_text=subject).first.get_by_role("link").click()
    expect(page.locator("pre")).to_contain_text(re.compile(r"Dear \w"))
    return download(page, button="Download Programme of the fair.pdf").read_bytes()


def build_packet(page: Page, *, folder: Path) -> None:
    page.goto("/packets/new/")
    page.get_by_label("Graduation year").select_option(index=1)
    page.get_by_role("button", name="Find students").click()
    page.get_by_label("Title").fill("Browser packet")
    page.get_by_role("button", name=re.compile(r"^Build packet for \d+ students")).click()
    expect_job_done(page)
    packet = folder / "packet.pdf"
    packet.write_bytes(download(page, button=re.compile(r"^Download .*\.pdf")).read_bytes())
    with pikepdf.open(packet) as pdf, pdf.open_outline() as outline:
        assert len(outline.root) > 1


def upload_sample(page: Page, *, folder: Path) -> None:
    page.goto("/uploads/new/")
    sample = folder / "sample.csv"
    sample.write_bytes(download(page, button="Download a sample").read_bytes())
    page.get_by_label("CSV file").set_input_files(sample)
    page.get_by_role("button", name="Upload and check the file").click()
    page.get_by_role("button", name=re.compile(r"^Import .* good rows?")).click(timeout=END_WITHIN)
    expect(page.get_by_text(re.compile(r"rows? imported at"))).to_be_visible(timeout=END_WITHIN)


def watch_lanes(page: Page) -> None:
    page.get_by_role("link", name="Operations").click()
    for lane in switchyard().lanes:
        expect(page.get_by_role("link", name=f"{lane} in Flower")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open Flower").click()
    queues = opened.value.locator("#queue-table")
    for lane in switchyard().lanes:
        expect(queues.get_by_role("cell", name=lane, exact=True)).to_be_visible()


def expect_job_done(page: Page) -> None:
    """Wait for the end; the demo holds a broken document on purpose, so a packet may end with problems."""
    ended = page.locator("#standing").locator(".badge.done, .badge.problems")
    expect(ended).to_be_visible(timeout=END_WITHIN)


def download(page: Page, *, button: str | re.Pattern[str]) -> Path:
    with page.expect_download() as started:
        page.get_by_role("link", name=button).first.click()
    return Path(started.value.path())
