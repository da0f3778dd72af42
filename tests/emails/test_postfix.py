"""A real relay, Debian's postfix: what it delivers is what was meant, byte for byte."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from emails import sending
from emails.models import Mailing, Recipient, RelayOffer, Suppression
from emails.noting import notes
from emails.preflight import Blocked
from emails.smtp.dialogue import Deferred, Dialogue, Refused
from emails.smtp.heads import Mailbox, letterhead
from emails.smtp.lines import Line, RelayAway
from emails.smtp.messages import Message
from emails.smtp.pool import pool
from emails.smtp.routes import Route
from emails.smtp.spool import Spool
from emails.smtp.tails import Tail
from jobs.testing import run_parts, wait_until
from tests import postfix
from tests.emails.conftest import free_port
from tests.emails.people import Sent, attach, hand_in, require

DELIVERY_SECONDS = 30
NOW = datetime(2026, 11, 3, tzinfo=UTC)
MAP = Random(9).randbytes(1_000_003)
NAME = "Ana Öz, 王秀英"
TEXT = ".\n..\n" + "sehr lange Zeile " * 200 + "\nFrom the start"
SUBJECT = "Messe für Sie " * 12


class Postfix:
    """A running postfix."""

    def __init__(self, *, port: int, delivered: Path, authority: Path) -> None:
        """Listen on `port` and deliver into the folder `delivered`."""
        self.route = Route(
            host="127.0.0.1",
            port=port,
            local_name="tests.example",
            ca_file=str(authority),
            timeout_seconds=20,
        )
        self._delivered = delivered

    def dialogue(self, **given: Any) -> Dialogue:
        """Connect, as soon as it listens."""
        deadline = time.monotonic() + DELIVERY_SECONDS
        while True:
            try:
                return Dialogue(Line.connect(replace(self.route, **given)))
            except RelayAway:
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def mails(self, count: int) -> list[EmailMessage]:
        """Take `count` mails out of its mailbox; waits until they are there."""
        deadline = time.monotonic() + DELIVERY_SECONDS
        while len(self._files()) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        read = [
            message_from_bytes(file.read_bytes(), EmailMessage, policy=policy.default)
            for file in self._files()
        ]
        for file in self._files():
            file.unlink()
        assert len(read) == count
        return read

    @property
    def maildir(self) -> Path:
        """The mailbox that it delivers everything into."""
        return self._delivered.parent

    def wait_for(self, count: int) -> None:
        """Wait until so many mails are in its mailbox."""
        wait_until(lambda: len(self._files()) >= count, seconds=DELIVERY_SECONDS)

    def _files(self) -> list[Path]:
        return sorted(self._delivered.iterdir()) if self._delivered.exists() else []


@pytest.fixture(scope="module")
def relay_of_debian(authority: Path) -> Iterator[Postfix]:
    """A postfix of the tests' own, where the machine has Debian's package."""
    if reason := postfix.why_not():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="switchyard-postfix-") as folder:
        home, port = Path(folder), free_port()
        home.chmod(0o755)
        with postfix.running_postfix(home=home, port=port, certificate=authority) as delivered:
            yield Postfix(port=port, delivered=delivered, authority=authority)


def message(tail: Tail | None, *, to: str) -> Message:
    head = letterhead(
        sender=Mailbox(name="Universität Zürich", address="careers@y.example"),
        boundary=tail.boundary if tail else "",
    )
    return Message(
        head=head.compose(
            to=Mailbox(name=NAME, address=to),
            subject=SUBJECT,
            text=TEXT,
            message_id="<1@y.example>",
            now=NOW,
        ),
        tail=tail,
    )


@pytest.mark.parametrize("tls", ["none", "starttls"])
@pytest.mark.parametrize("chunking", [True, False])
def test_mails_arrive_byte_for_byte(
    *, relay_of_debian: Postfix, spool: Spool, enclosed: Any, chunking: bool, tls: str
) -> None:
    addresses = [f"{name}@x.example" for name in ("ana", "bea", "cem")]
    dialogue = relay_of_debian.dialogue(chunking=chunking, tls=tls)
    assert (dialogue.line.pipelining, dialogue.line.chunking) == (True, chunking)
    with spool.tail([enclosed(MAP, name="résumé 履歴.pdf"), enclosed(b"", name="empty.txt")]) as tail:
        mails = [message(tail, to=address) for address in addresses]
        envelopes = [
            mail.envelope(sender="careers@y.example", recipients=(address,))
            for mail, address in zip(mails, addresses, strict=True)
        ]
        for mail, envelope, following in zip(mails, envelopes, [*envelopes[1:], None], strict=True):
            dialogue.open(envelope)
            dialogue.hand_over(mail, following=following)
    dialogue.line.quit()
    arrived = relay_of_debian.mails(3)
    assert sorted(mail["To"].addresses[0].addr_spec for mail in arrived) == addresses
    for mail in arrived:
        assert (mail["Subject"], mail["Message-ID"]) == (SUBJECT, "<1@y.example>")
        files = [(part.get_filename(), part.get_payload(decode=True)) for part in mail.iter_attachments()]
        assert files == [("résumé 履歴.pdf", MAP), ("empty.txt", b"")]
        body = mail.get_body()
        assert body is not None
        assert body.get_content() == TEXT


def test_its_words_are_kept_and_the_line_goes_on(relay_of_debian: Postfix) -> None:
    dialogue = relay_of_debian.dialogue()
    for address, fact, words in (
        ("nobody@x.example", Refused, "554 5.7.1 .*no such user"),
        ("later@x.example", Deferred, "450 4.7.1 .*come back"),
    ):
        with pytest.raises(fact, match=words):
            dialogue.open(message(None, to=address).envelope(sender="a@y.example", recipients=(address,)))
    huge = Message(head=b"Subject: huge\r\n\r\n" + b"x" * 76 * 200_000)
    with pytest.raises(Refused, match=r"takes mails up to 11\.4 MB"):
        dialogue.open(huge.envelope(sender="a@y.example", recipients=("ana@x.example",)))
    international = message(None, to="aña@x.example")
    dialogue.open(international.envelope(sender="a@y.example", recipients=("aña@x.example",)))
    dialogue.hand_over(international)
    dialogue.line.quit()
    [mail] = relay_of_debian.mails(1)
    assert "aña@x.example" in mail["To"].encode("utf-8", "surrogateescape").decode()


def test_mailing_goes_through_it(
    relay_of_debian: Postfix, sent: Sent, settings: Settings, authority: Path
) -> None:
    relay_of_debian.dialogue().line.quit()
    settings.EMAIL_HOST, settings.EMAIL_PORT = relay_of_debian.route.host, relay_of_debian.route.port
    settings.MAIL = {**settings.MAIL, "tls": "starttls", "ca_file": str(authority), "chunking": True}
    sent("ana@x.example", "nobody@x.example", "bea@x.example", "later@x.example", "cem@x.example", map=MAP)
    run_parts(lane="bulk")
    pool.close()
    assert dict(Recipient.objects.values_list("address", "state")) == {
        "ana@x.example": "accepted",
        "nobody@x.example": "refused",
        "bea@x.example": "accepted",
        "later@x.example": "waiting",
        "cem@x.example": "accepted",
    }
    arrived = relay_of_debian.mails(3)
    ids = set(Recipient.objects.filter(state="accepted").values_list("message_id", flat=True))
    assert {mail["Message-ID"] for mail in arrived} == ids
    for mail in arrived:
        assert [part.get_payload(decode=True) for part in mail.iter_attachments()] == [MAP]


@pytest.mark.parametrize("chunking", [True, False])
def test_own_files_and_international_addresses_arrive_byte_for_byte(
    *,
    relay_of_debian: Postfix,
    draft: Mailing,
    students: Any,
    settings: Settings,
    authority: Path,
    chunking: bool,
) -> None:
    relay_of_debian.dialogue().line.quit()
    settings.EMAIL_HOST, settings.EMAIL_PORT = relay_of_debian.route.host, relay_of_debian.route.port
    settings.MAIL = {**settings.MAIL, "tls": "starttls", "ca_file": str(authority), "chunking": chunking}
    addresses = ("aña@x.example", "bea@x.example", "王秀英@x.example")
    students.add(draft.school, *addresses, first_name="Ñandú")
    attach(draft, MAP, name="Plan für alle.pdf")
    own = {f"0000{number}.pdf": Random(number).randbytes(70_001 + number) for number in range(3)}
    hand_in(draft, own)
    sending.send(mailing=draft, by=draft.created_by, confirmed=3)
    run_parts(lane="bulk")
    run_parts(lane="bulk-slow")
    pool.close()
    assert set(Recipient.objects.values_list("state", flat=True)) == {"accepted"}
    found = {}
    for mail in relay_of_debian.mails(3):
        files = {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()}
        assert files.pop("Plan für alle.pdf") == MAP
        [(name, content)] = files.items()
        found[name] = content
        to = mail["To"].encode("utf-8", "surrogateescape").decode()
        assert addresses[int(name[4])] in to
        assert mail.get_body().get_content().startswith("Hi Ñandú")
    assert found == own


def test_what_it_offers_is_known_to_pages(
    relay_of_debian: Postfix, sent: Sent, settings: Settings, draft: Mailing
) -> None:
    relay_of_debian.dialogue().line.quit()
    settings.EMAIL_HOST, settings.EMAIL_PORT = relay_of_debian.route.host, relay_of_debian.route.port
    sent("ana@x.example")
    run_parts(lane="bulk")
    pool.close()
    notes.write()
    known = RelayOffer.objects.get()
    assert (known.most_bytes, known.starttls, known.chunking, known.utf8) == (12_000_000, True, True, True)
    attach(draft, b"%" * 8_000_000)
    require(draft)
    attach(draft, b"%PDF" * 250_000, name="more.pdf")
    with pytest.raises(Blocked, match=r"up to 11\.4 MB, and with these files each mail has about 11\.7 MB"):
        require(draft)
    relay_of_debian.mails(1)


def test_mail_that_it_gives_back_is_noted_and_its_address_left_alone(
    relay_of_debian: Postfix, sent: Sent, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    relay_of_debian.dialogue().line.quit()
    settings.EMAIL_HOST, settings.EMAIL_PORT = relay_of_debian.route.host, relay_of_debian.route.port
    settings.MAIL = {**settings.MAIL, "bounces_to": "bounces@x.example"}
    sent("ana@x.example", "gone@x.example", "full@x.example")
    run_parts(lane="bulk")
    pool.close()
    assert set(Recipient.objects.values_list("state", flat=True)) == {"accepted"}
    relay_of_debian.wait_for(3)
    call_command("bounces", maildir=relay_of_debian.maildir)
    assert capsys.readouterr().out == "Read 3 mails: 1 no report, 2 noted.\n"
    said = {row.address: (row.state, row.relay_words) for row in Recipient.objects.all()}
    assert said["gone@x.example"][0] == "bounced"
    assert said["gone@x.example"][1].endswith(": no such mailbox")
    assert said["full@x.example"][0] == "bounced"
    assert said["full@x.example"][1].endswith(": mailbox full")
    assert said["ana@x.example"][0] == "accepted"
    [listed] = Suppression.objects.all()
    assert (listed.address, listed.reason) == ("gone@x.example", "bounced")
    assert listed.words == said["gone@x.example"][1]
    call_command("bounces", maildir=relay_of_debian.maildir)
    assert capsys.readouterr().out == "Read 0 mails.\n"
