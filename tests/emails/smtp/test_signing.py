"""Signatures, verified by dkimpy."""

import base64
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from emails.smtp.heads import Mailbox, letterhead
from emails.smtp.messages import Message
from emails.smtp.signing import Signer, WrongKey
from emails.smtp.spool import Spool
from emails.smtp.tails import Tail

NOW = datetime(2026, 11, 3, tzinfo=UTC)
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
PEM, PLAIN = serialization.Encoding.PEM, serialization.NoEncryption()


def written(key: Any, file: Path) -> Path:
    file.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, PLAIN))
    return file


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    file = written(key, tmp_path_factory.mktemp("keys") / "mail.pem")
    return Signer.read(domain="x.example", selector="mail", file=file)


def wire(message: Message) -> bytes:
    tail = message.tail
    windows = tail.windows(until=tail.size) if tail else ()
    return message.head + b"".join(bytes(window) for window in windows)


def verified(mail: bytes, signer: Signer) -> bool:
    """Ask dkimpy, with the DNS record that the domain would show."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = signer.key.public_key().public_bytes(serialization.Encoding.DER, form)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    names: list[bytes] = []

    def look_up(name: bytes, timeout: int = 5) -> bytes:
        names.append(name)
        return record

    try:
        is_good = dkim.DKIM(mail, logger=logging.getLogger("dkim")).verify(dnsfunc=look_up)
    except dkim.ValidationError:  # the body's hash differs
        return False
    assert names == [b"mail._domainkey.x.example."]
    return bool(is_good)


def composed(
    subject: str = "Hello", text: str = "Dear Ana", *, tail: Tail | None = None, **given: str
) -> Message:
    sender = Mailbox(name="Universität Zürich", address="careers@x.example")
    shared = letterhead(sender=sender, boundary=tail.boundary if tail else "")
    to = Mailbox(name="Ana Öz", address="ana@x.example")
    head = shared.compose(to=to, subject=subject, text=text, message_id="<1@x.example>", now=NOW, **given)
    return Message(head=head, tail=tail)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=TEXT)
@example(text="")
@example(text="blanks  within \tand \n\n\nat the end \n\n")
def test_any_text_is_verified(signer: Signer, text: str) -> None:
    assert verified(wire(signer.signed(composed(text=text), now=NOW)), signer)


def test_mail_with_attachments_is_verified(signer: Signer, spool: Spool, enclosed: Any) -> None:
    files = [
        enclosed(Random(1).randbytes(2_000_000), name="two  blanks 履歴.pdf"),
        enclosed(b"", name="a b.txt"),
    ]
    with spool.tail(files) as tail:
        signed = signer.signed(
            composed("long " * 60, "text  with blanks ", tail=tail, html="<p>x</p>"), now=NOW
        )
        mail = wire(signed)
    assert verified(mail, signer)
    assert not verified(mail.replace(b"Dear", b"dear").replace(b"text", b"test"), signer)
    assert not verified(mail[:-300] + b"A" + mail[-299:], signer)


@pytest.mark.parametrize("field", ["From", "To", "Subject", "Date", "Message-ID"])
def test_changed_or_added_header_is_noticed(signer: Signer, field: str) -> None:
    mail = wire(signer.signed(composed(), now=NOW))
    changed = re.sub(rf"(?m)^{field}: ".encode(), f"{field}: x".encode(), mail, count=1)
    assert changed != mail
    assert not verified(changed, signer)


def test_second_sender_cannot_be_added(signer: Signer) -> None:
    mail = wire(signer.signed(composed(), now=NOW))
    assert not verified(b"From: eve@x.example\r\n" + mail, signer)


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    no_key = tmp_path / "no.pem"
    no_key.write_text("-----BEGIN NOTHING-----")
    curve = written(ec.generate_private_key(ec.SECP256R1()), tmp_path / "curve.pem")
    for file in (tmp_path / "missing.pem", no_key, curve):
        with pytest.raises(WrongKey, match=file.name):
            Signer.read(domain="x.example", selector="mail", file=file)
