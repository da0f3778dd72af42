"""Django's own way to send mail, through the mail writer: what arrives is what Django would have sent."""

import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage as PythonMessage
from email.mime.image import MIMEImage
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from pytest_django.fixtures import Settings

from emails.smtp import spool

pytestmark = pytest.mark.django_db
MAP = Random(5).randbytes(300_000)


@pytest.fixture(autouse=True)
def backend(steps: Any, settings: Settings) -> None:
    """Send all of Django's mail to the relay of steps."""
    settings.EMAIL_BACKEND = "emails.backend.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", steps.port


def message(**given: Any) -> EmailMultiAlternatives:
    fields: dict[str, Any] = {
        "subject": "Grüße",
        "body": "Liebe Ana,\n.\nß\n",
        "from_email": "Züri <careers@x.example>",
        "to": ["Ana Öz <ana@x.example>"],
        "cc": ["bea@x.example"],
        "bcc": ["cem@x.example"],
        "headers": {"X-Campaign": "fair", "Message-ID": "<1@x.example>"},
        **given,
    }
    return EmailMultiAlternatives(**fields)


def content_of(part: PythonMessage) -> bytes:
    """Return a part's bytes; of a text with plain line ends, which Django rewrites in attachments too."""
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    is_text = part.get_content_maintype() == "text"
    return content.replace(b"\r\n", b"\n").strip() if is_text else content


def told(wire: bytes) -> tuple[list[tuple[str, str]], list[tuple[str, str | None, bytes]]]:
    """Return the header, but for what differs with time, and all parts with their names."""
    read = message_from_bytes(wire, PythonMessage, policy=policy.default)
    assert not read.defects
    header = [(name, str(value)) for name, value in read.items() if name not in {"Date", "Content-Type"}]
    leaves = [part for part in read.walk() if not part.is_multipart()]
    parts = [(part.get_content_type(), part.get_filename(), content_of(part)) for part in leaves]
    header = [(name, value) for name, value in header if name != "Content-Transfer-Encoding"]
    return sorted(header), parts


def tails(tmp_path: Path) -> list[str]:
    folder = tmp_path / "spool"
    return [path.name for path in folder.iterdir() if path.suffix != ".lock"] if folder.exists() else []


@pytest.mark.parametrize("html", ["", "<p>Grüße</p>"])
def test_mail_with_attachments_reads_as_djangos_own(steps: Any, tmp_path: Path, html: str) -> None:
    sent = message()
    if html:
        sent.attach_alternative(html, "text/html")
    sent.attach("map.pdf", MAP, "application/pdf")
    sent.attach("Gäste.csv", "Name\nÖz\n", "text/csv")
    sent.attach("unknown", b"\0\1", None)
    assert sent.send() == 1
    [(recipients, content)] = steps.mails
    assert recipients == ["ana@x.example", "bea@x.example", "cem@x.example"]
    assert told(content) == told(sent.message().as_bytes(linesep="\r\n"))
    assert content.isascii()
    assert len(tails(tmp_path)) == 1


def test_equal_attachments_are_encoded_once(steps: Any) -> None:
    mails = []
    for number in range(5):
        mails.append(message(subject=f"Fair {number}"))
        mails[-1].attach("map.pdf", bytes(bytearray(MAP)), "application/pdf")
    with mock.patch.object(spool, "write_tail", wraps=spool.write_tail) as encoded:
        assert mail.get_connection().send_messages(mails) == 5
    assert encoded.call_count == 1
    assert steps.connections == 1


@pytest.mark.parametrize("kind", ["none", "small", "image", "mail", "related"])
def test_other_mails_go_as_django_writes_them(steps: Any, tmp_path: Path, kind: str) -> None:
    sent = message()
    match kind:
        case "small":
            sent.attach("note.txt", "short", "text/plain")
        case "image":
            sent.attach(MIMEImage(MAP, "png"))
        case "mail":
            sent.attach("old.eml", message(body="old " * 40_000).message().as_bytes(), "message/rfc822")
        case "related":
            sent.mixed_subtype = "related"
            sent.attach("map.png", MAP, "image/png")
    assert sent.send() == 1
    assert told(steps.mails[0][1]) == told(sent.message().as_bytes(linesep="\r\n"))
    assert tails(tmp_path) == []


def test_refused_mail_is_an_smtp_error_with_the_relays_words(steps: Any) -> None:
    steps.script["dot", 1] = "554 looks like junk"
    with pytest.raises(smtplib.SMTPException, match="554 looks like junk"):
        message().send()
    assert message().send() == 1
    steps.script["mail", 3] = "553 not your domain"
    assert message().send(fail_silently=True) == 0


def test_mail_goes_to_those_whom_the_relay_takes(steps: Any) -> None:
    steps.script["rcpt", 2] = "550 no such user"
    assert message().send() == 1
    assert steps.addresses == ["ana@x.example", "cem@x.example"]


def test_nobody_to_send_to_is_no_mail(steps: Any) -> None:
    assert EmailMessage("x", "y").send() == 0
    assert steps.connections == 0


def test_relay_other_than_the_settings_is_not_taken(steps: Any) -> None:
    with pytest.raises(TypeError, match="leave out host"):
        mail.get_connection(host="elsewhere.example")
    assert mail.send_mail("x", "y", None, ["ana@x.example"]) == 1
