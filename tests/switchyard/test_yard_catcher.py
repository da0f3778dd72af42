"""The mail catcher keeps what it is given, whole."""

import mailbox
import os
import re
import smtplib
import sys
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from switchyard.env import ROOT
from switchyard.yard.answers import mail_answers
from switchyard.yard.catcher import maildir_name
from switchyard.yard.group import Group
from switchyard.yard.ports import free_ports
from switchyard.yard.programs import Program, wait_until_ready


@pytest.fixture(scope="module")
def caught(servers: Group, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A running catcher: its port and its folder."""
    port, folder = free_ports(1)[0], tmp_path_factory.mktemp("caught") / "mail"
    command = [sys.executable, "-m", "switchyard.yard.catcher", f"--port={port}", f"--folder={folder}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "platform")}
    child = servers.start(
        Program(
            name="catcher",
            command=command,
            environment=environment,
            is_ready=lambda: mail_answers(port=port),
        )
    )
    assert not mail_answers(port=port)
    wait_until_ready([child], seconds=30)
    yield port, folder
    child.terminate()
    assert child.wait(timeout=20) == 0


def test_mail_is_kept_with_its_attachment_and_envelope(caught: tuple[int, Path]) -> None:
    port, folder = caught
    attachment = os.urandom(10 * 1024 * 1024)
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "careers@school.example", "a@students.example", "Résumés"
    mail.set_content("Hello")
    mail.add_attachment(attachment, maintype="application", subtype="pdf", filename="fair.pdf")
    with smtplib.SMTP("127.0.0.1", port) as relay:
        relay.sendmail(
            "bounces@school.example", ["a@students.example", "b@students.example"], mail.as_bytes()
        )
    (kept,) = mailbox.Maildir(folder, factory=None).values()
    assert kept["X-MailFrom"] == "bounces@school.example"
    assert kept["X-RcptTo"] == "a@students.example, b@students.example"
    _, pdf = kept.get_payload()
    assert pdf.get_payload(decode=True) == attachment
    assert list((folder / "tmp").iterdir()) == []


def test_mail_that_is_too_large_is_refused_before_it_is_sent(caught: tuple[int, Path]) -> None:
    port, _ = caught
    with smtplib.SMTP("127.0.0.1", port) as relay:
        relay.ehlo()
        assert relay.esmtp_features["size"] == str(50 * 1024 * 1024)
        code, _ = relay.mail("a@school.example", ["size=60000000"])
        assert code == 552


def test_no_two_mails_get_the_same_name() -> None:
    first, second = maildir_name(now=1_700_000_000_123_456_789), maildir_name(now=1_700_000_000_123_456_789)
    assert first != second
    assert re.match(rf"1700000000\.M123456P{os.getpid()}Q\d+\.", first)
