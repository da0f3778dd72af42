"""What people do in the browser, step by step."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pikepdf
from playwright.sync_api import Page, expect
from switchyard.demo.logins import PASSWORD
from switchyard.demo.students import GRADUATION_YEARS

SECONDS = 1000.0
END_WITHIN = 60 * SECONDS
DEMO_YEAR = str(GRADUATION_YEARS[0])
"""A year of graduation of students who have documents; other tests add students of other years."""


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


def ask_for_a_mailing(page: Page) -> str:
    """Draft a mailing and ask for it to be sent; return the path of the page on which others send it."""
    page.get_by_role("link", name="New mailing").click()
    page.get_by_label("Subject").fill("Drafted in the browser")
    page.get_by_label("Text", exact=True).fill("Dear {{ first_name }}, see you there.")
    page.get_by_label("Graduation year").select_option(DEMO_YEAR)
    page.get_by_role("button", name="Look at the mailing").click()
    page.get_by_role("button", name=re.compile(r"^Send to \d+ students")).click()
    page.get_by_role("button", name="Ask for it to be sent").click()
    expect(page.get_by_text("You asked for it on")).to_be_visible()
    return urlsplit(page.url).path


def keep_template(page: Page) -> None:
    """Keep a template of packets."""
    page.goto("/packets/templates/new/")
    page.get_by_label("Name", exact=True).fill("Fairs, from the browser")
    page.get_by_label("Title of its packets").fill("Fair of {year}")
    page.get_by_role("button", name="Save the template").click()
    expect(page.get_by_role("link", name="New packet with Fairs, from the browser")).to_be_visible()


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
    page.get_by_label("Graduation year").select_option(DEMO_YEAR)
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


def expect_job_done(page: Page) -> None:
    """Wait for the end; the demo holds a broken document on purpose, so a packet may end with problems."""
    ended = page.locator("#standing").locator(".badge.done, .badge.problems")
    expect(ended).to_be_visible(timeout=END_WITHIN)


def download(page: Page, *, button: str | re.Pattern[str]) -> Path:
    with page.expect_download() as started:
        page.get_by_role("link", name=button).first.click()
    return Path(started.value.path())
