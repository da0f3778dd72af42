"""A person's browser without a screen, and signing in with the code that was mailed."""

import re
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import requests
from switchyard.demo.logins import LOGINS, PASSWORD

SECONDS = 60
HEAD_BYTES = 2048
Fact = TypeVar("Fact")


class Browser:
    """Keeps cookies and sends forms with their token."""

    def __init__(self, home: str) -> None:
        """Start signed out at the address `home`."""
        self._home = home.rstrip("/")
        self._session = requests.Session()

    def get(self, path: str) -> requests.Response:
        """Return the answer at `path`."""
        return self._checked(self._session.get(self._home + path, timeout=30))

    def page(self, path: str) -> str:
        """Return the page at `path` as text with single spaces."""
        return " ".join(self.get(path).text.split())

    def post(
        self, path: str, fields: dict[str, Any], *, page: str = "", files: Any = None, status: int = 200
    ) -> str:
        """Send the form on `page` (else on `path`) to `path` and return the path that the person lands on."""
        self.get(page or path)
        sent = {**fields, "csrfmiddlewaretoken": self._session.cookies["csrftoken"]}
        answer = self._checked(self._session.post(self._home + path, sent, files=files, timeout=30), status)
        return answer.url.removeprefix(self._home)

    def close(self) -> None:
        """Close its connections."""
        self._session.close()

    def _checked(self, answer: requests.Response, status: int = 200) -> requests.Response:
        assert answer.status_code == status, f"{answer.url} answered {answer.status_code}"
        return answer


def sign_in(browser: Browser, *, mail_folder: Path, school: str = "northfield", role: str = "staff") -> None:
    """Sign in as the demo school's staff, or in another role, with the code from the mail catcher."""
    email = next(login.email for login in LOGINS if (login.school, login.role) == (school, role))
    before = len(code_mails(mail_folder, to=email))
    landed = browser.post("/sign-in/", {"email": email, "password": PASSWORD})
    assert landed == "/sign-in/code/"
    newest = wait_for(lambda: code_mails(mail_folder, to=email)[before:])[-1]
    # The mail may be here a moment before the worker has noted that it was accepted.
    wait_for(lambda: "Handed to the mail server" in browser.page("/sign-in/code/mail/"))
    assert browser.post("/sign-in/code/", {"code": found(r"\b(\d{6})\b", newest.get_content())}) == "/"


def code_mails(mail_folder: Path, *, to: str) -> list[EmailMessage]:
    """Return the code mails to the address, oldest first."""
    return [mail for mail in mails(mail_folder, subject="Your sign-in code") if to in mail["To"]]


def mails(mail_folder: Path, *, subject: str, head_only: bool = False) -> list[EmailMessage]:
    """Return the mails whose subject begins with `subject`, oldest first; whole, or only their heads."""
    paths = sorted((mail_folder / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    heads = [(path, _read(path, most=HEAD_BYTES)) for path in paths]
    wanted = [(path, head) for path, head in heads if head["Subject"].startswith(subject)]
    return [head if head_only else _read(path) for path, head in wanted]


def _read(path: Path, *, most: int = -1) -> EmailMessage:
    with path.open("rb") as file:
        return message_from_bytes(file.read(most), EmailMessage, policy=policy.default)


def wait_for(look: Callable[[], Fact], *, seconds: float = SECONDS) -> Fact:
    """Return what `look` returns as soon as it is something true."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end, f"not so within {seconds} s"
        time.sleep(0.1)
    return seen


def found(pattern: str, text: str) -> str:
    """Return the pattern's group in the text."""
    match = re.search(pattern, text)
    assert match, f"{pattern} is not in the text"
    return match[1]
