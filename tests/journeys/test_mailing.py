"""A mailing through the whole platform: web, broker, workers, relay."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
import requests
from switchyard.demo.logins import LOGINS, PASSWORD

from jobs.testing import wait_until

pytestmark = pytest.mark.journey

STAFF = next(login for login in LOGINS if login.role == "staff")
SECONDS = 60
HEAD_BYTES = 2048


class Browser:
    """A person's browser without a screen: keeps cookies and sends forms with their token."""

    def __init__(self, home: str) -> None:
        """Start signed out at the address `home`."""
        self._home = home.rstrip("/")
        self._session = requests.Session()

    def get(self, path: str) -> str:
        """Return the page at `path`."""
        return self._checked(self._session.get(self._home + path, timeout=30)).text

    def post(self, path: str, fields: dict[str, Any], *, page: str, files: Any = None) -> str:
        """Send the form on `page` to `path` and return the path that the person lands on."""
        self.get(page)
        sent = {**fields, "csrfmiddlewaretoken": self._session.cookies["csrftoken"]}
        answer = self._session.post(self._home + path, sent, files=files, timeout=30)
        return self._checked(answer).url.removeprefix(self._home)

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def _checked(self, answer: requests.Response) -> requests.Response:
        assert answer.status_code == 200, f"{answer.url} answered {answer.status_code}"
        return answer


@pytest.fixture
def browser(yard: Any) -> Iterator[Browser]:
    """A browser at the yard's address."""
    browser = Browser(yard.base_url)
    yield browser
    browser.close()


def test_mailing_arrives_with_its_attachment_intact(browser: Browser, yard: Any) -> None:
    sign_in(browser, yard.mail_folder)
    subject = f"Journey {uuid4().hex} of "
    programme = Random(20261103).randbytes(200_001)
    draft = browser.post(
        "/mailings/new/",
        {
            "subject": subject + "{first_name}",
            "body": "Dear {first_name} {last_name},\nsee you.",
            "search": "an",
        },
        page="/mailings/new/",
        files={"attachments": ("Programme für alle.pdf", programme, "application/pdf")},
    )
    count = int(found(r'name="confirmed" value="(\d+)"', browser.get(draft)))
    assert count > 1
    job = browser.post(f"{draft}send/", {"confirmed": count}, page=draft)
    assert job.startswith("/jobs/")
    wait_until(lambda: "badge done" in browser.get(f"{job}standing/"), seconds=SECONDS)
    arrived = mails(yard.mail_folder, subject=subject)
    assert len(arrived) == count
    assert len({mail["To"] for mail in arrived}) == count
    for mail in arrived:
        [file] = mail.iter_attachments()
        assert file.get_filename() == "Programme für alle.pdf"
        assert file.get_payload(decode=True) == programme
        first_name = mail["Subject"].removeprefix(subject)
        text = mail.get_body()
        assert isinstance(text, EmailMessage)
        assert text.get_content().startswith(f"Dear {first_name} ")


def sign_in(browser: Browser, mail_folder: Path) -> None:
    """Sign in with password and the code from the newest mail."""
    before = len(code_mails(mail_folder))
    landed = browser.post("/sign-in/", {"email": STAFF.email, "password": PASSWORD}, page="/sign-in/")
    assert landed == "/sign-in/code/"
    wait_until(lambda: "Handed to the mail server" in browser.get("/sign-in/code/mail/"), seconds=SECONDS)
    newest = code_mails(mail_folder)[before:][-1]
    code = found(r"\b(\d{6})\b", newest.get_content())
    assert browser.post("/sign-in/code/", {"code": code}, page="/sign-in/code/") == "/"


def code_mails(mail_folder: Path) -> list[EmailMessage]:
    return [mail for mail in mails(mail_folder, subject="Your sign-in code") if STAFF.email in mail["To"]]


def mails(mail_folder: Path, *, subject: str) -> list[EmailMessage]:
    """Return the mails whose subject begins with `subject`, oldest first."""
    paths = sorted((mail_folder / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    return [parsed(path) for path in paths if parsed(path, head_only=True)["Subject"].startswith(subject)]


def parsed(path: Path, *, head_only: bool = False) -> EmailMessage:
    with path.open("rb") as file:
        raw = file.read(HEAD_BYTES if head_only else None)
    return message_from_bytes(raw, EmailMessage, policy=policy.default)


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, f"{pattern} is not on the page."
    return match[1]
