"""Mail that comes back: whose it was, what it says, and what follows from it."""

import io
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from emails import bouncing, reports
from emails.bouncing import Outcome
from emails.models import Recipient, Suppression
from emails.reports import READ_BYTES
from emails.return_paths import recipient_at, return_path
from jobs.testing import run_parts
from tests.emails.people import A, B, Sent

FAILED = """\
From: MAILER-DAEMON@relay.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I could not deliver it.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Arrival-Date: Tue, 3 Nov 2026 10:42:00 +0000

Final-Recipient: rfc822; ana@x.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--b
Content-Type: message/rfc822

Subject: Fair

Hello
--b--
"""
COMPLAINT = """\
From: feedback@provider.example
To: abuse@mail.example
Subject: FW: Fair
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

This is a report about a mail.

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <{to}>

--b
Content-Type: message/rfc822

Subject: Fair

Hello
--b--
"""


def failed(
    to: str, *, action: str = "failed", status: str = "5.1.1", words: str = "550 no such user"
) -> bytes:
    return FAILED.format(to=to, action=action, status=status, words=words).encode()


@pytest.fixture
def accepted(sent: Sent, relay: Any, settings: Settings) -> Recipient:
    """A recipient whose mail the relay has taken."""
    settings.MAIL = {**settings.MAIL, "bounces_to": "bounces@mail.example"}
    sent(A, B)
    run_parts(lane="bulk")
    return Recipient.objects.get(address=A)


def test_mail_comes_back_to_an_address_of_its_own(accepted: Recipient, relay: Any) -> None:
    senders = {envelope.rcpt_tos[0]: envelope.mail_from for envelope in relay.envelopes}
    assert senders[A] == return_path(accepted.pk)
    assert senders[A] != senders[B]
    assert senders[A].startswith(f"bounces+{accepted.pk}-")
    assert recipient_at(senders[A].upper()) == accepted


@pytest.mark.usefixtures("db")
def test_without_a_mailbox_for_it_mail_comes_back_to_the_sender(settings: Settings) -> None:
    settings.MAIL = {**settings.MAIL, "bounces_to": ""}
    assert return_path(7) == "careers@switchyard.example"
    assert recipient_at("careers@switchyard.example") is None


def test_return_path_of_an_old_secret_is_still_known(accepted: Recipient, settings: Settings) -> None:
    path = return_path(accepted.pk)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert recipient_at(path) == accepted
    settings.SECRET_KEY_FALLBACKS = []
    assert recipient_at(path) is None


@pytest.mark.parametrize("domain", ["mail.example", "other.example"])
def test_made_up_return_path_is_nobodys(accepted: Recipient, domain: str) -> None:
    assert recipient_at(f"bounces+{accepted.pk}-{'0' * 16}@{domain}") is None
    assert bouncing.take(failed(f"bounces+{accepted.pk}-{'0' * 16}@{domain}"), now=timezone.now()) == (
        Outcome.UNKNOWN
    )


def test_address_that_does_not_exist_is_noted_and_left_out_from_now_on(accepted: Recipient) -> None:
    report = failed(return_path(accepted.pk))
    at = datetime(2026, 5, 3, 12, 5, tzinfo=UTC)
    assert bouncing.take(report, now=at) == Outcome.BOUNCED
    accepted.refresh_from_db()
    told = f"Came back on 3 May 2026, {timezone.localtime(at):%H:%M}: 550 no such user"
    assert (accepted.state, accepted.relay_words) == ("bounced", told)
    assert accepted.accepted_at is not None
    assert bouncing.take(report, now=timezone.now()) == Outcome.BOUNCED
    [listed] = Suppression.objects.all()
    assert (listed.address, listed.reason, listed.school) == (A, "bounced", accepted.school)


@pytest.mark.parametrize("status", ["4.4.1", "5.2.2", "5.7.1"])
def test_full_mailbox_or_unwelcome_mail_puts_nobody_on_the_list(accepted: Recipient, status: str) -> None:
    bouncing.take(failed(return_path(accepted.pk), status=status), now=timezone.now())
    accepted.refresh_from_db()
    assert accepted.state == "bounced"
    assert not Suppression.objects.exists()


def test_delay_changes_nothing(accepted: Recipient) -> None:
    report = failed(return_path(accepted.pk), action="delayed", status="4.4.1")
    assert bouncing.take(report, now=timezone.now()) == Outcome.DELAYED
    accepted.refresh_from_db()
    assert accepted.state == "accepted"


def test_answer_from_a_holiday_is_no_report(accepted: Recipient) -> None:
    answer = f"To: {return_path(accepted.pk)}\nAuto-Submitted: auto-replied\n\nI am away.\n".encode()
    assert bouncing.take(answer, now=timezone.now()) == Outcome.NO_REPORT


def test_who_calls_it_spam_gets_no_more_mailings_of_the_school(accepted: Recipient) -> None:
    report = COMPLAINT.format(kind="abuse", to=return_path(accepted.pk)).encode()
    assert bouncing.take(report, now=timezone.now()) == Outcome.COMPLAINED
    accepted.refresh_from_db()
    assert accepted.state == "complained"
    assert re.fullmatch(r"Called spam on [^:]+:\d\d: Reported as abuse\.", accepted.relay_words)
    assert accepted.accepted_at is not None
    assert Suppression.objects.get().reason == "complained"


def test_who_says_that_it_is_no_spam_complains_of_nothing(accepted: Recipient) -> None:
    report = COMPLAINT.format(kind="not-spam", to=return_path(accepted.pk)).encode()
    assert bouncing.take(report, now=timezone.now()) == Outcome.DELAYED
    assert not Suppression.objects.exists()


def test_bounce_that_is_faster_than_the_relays_word_stays(accepted: Recipient) -> None:
    Recipient.objects.filter(pk=accepted.pk).update(state="sending", accepted_at=None)
    bouncing.take(failed(return_path(accepted.pk)), now=timezone.now())
    assert accepted.accept(now=timezone.now(), words="250 OK")
    accepted.refresh_from_db()
    assert accepted.state == "bounced"
    assert accepted.relay_words.endswith(": 550 no such user")
    assert accepted.accepted_at is not None


def test_report_is_read_only_as_far_as_it_says_what_happened(accepted: Recipient) -> None:
    report = failed(return_path(accepted.pk))
    assert bouncing.take(report + b"x" * READ_BYTES, now=timezone.now()) == Outcome.BOUNCED
    flood = report.replace(b"I could not deliver it.", b"x" * READ_BYTES)
    assert bouncing.take(flood, now=timezone.now()) == Outcome.NO_REPORT


@given(st.binary(max_size=300), st.integers(0, 900))
def test_no_mail_breaks_the_reader(noise: bytes, at: int) -> None:
    report = failed("bounces@mail.example")
    reports.read(report[:at] + noise + report[at + len(noise) :])
    reports.read(noise)


def test_mailbox_is_read_once(accepted: Recipient, make_var: Any, capsys: pytest.CaptureFixture[str]) -> None:
    maildir = make_var()
    (maildir / "new").mkdir()
    (maildir / "new" / "1.host").write_bytes(failed(return_path(accepted.pk)))
    (maildir / "new" / "2.host").write_bytes(b"Subject: hello\n\nhello\n")
    call_command("bounces", maildir=maildir)
    assert capsys.readouterr().out == "Read 2 mails: 1 no report, 1 noted.\n"
    assert sorted(file.name for file in (maildir / "cur").iterdir()) == ["1.host:2,S", "2.host:2,S"]
    call_command("bounces", maildir=maildir)
    assert capsys.readouterr().out == "Read 0 mails.\n"


def test_what_is_no_mailbox_is_said(settings: Settings, tmp_path: Path) -> None:
    settings.MAIL = {**settings.MAIL, "bounces_to": "bounces@mail.example"}
    with pytest.raises(CommandError, match="is no Maildir that can be read: No such file or directory"):
        call_command("bounces", maildir=tmp_path / "nowhere")


def test_mail_may_come_through_a_pipe(
    accepted: Recipient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = io.TextIOWrapper(io.BytesIO(failed("somebody@else.example")))
    monkeypatch.setattr(sys, "stdin", pipe)
    call_command("bounces", to=return_path(accepted.pk))
    assert capsys.readouterr().out == "noted.\n"


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("way", ["pipe", "maildir"])
def test_without_a_mailbox_in_the_settings_the_mail_server_keeps_the_report(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, way: str
) -> None:
    settings.MAIL = {**settings.MAIL, "bounces_to": ""}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(failed("bounces+1-x@mail.example"))))
    (tmp_path / "new").mkdir()
    (tmp_path / "cur").mkdir()
    (tmp_path / "new" / "1.host").write_bytes(failed("bounces+1-x@mail.example"))
    with pytest.raises(CommandError, match="MAIL_BOUNCES_TO is not set") as refused:
        call_command("bounces", maildir=tmp_path if way == "maildir" else None)
    assert refused.value.returncode == os.EX_TEMPFAIL
    assert (tmp_path / "new" / "1.host").exists()
