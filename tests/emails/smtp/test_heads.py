"""Heads: what Python's own parser reads is what was meant, whatever the names, subjects and texts."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import collapse_rfc2231_value, parseaddr
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emails.smtp.fields import WrongField, attachment_fields, text_field
from emails.smtp.heads import Mailbox, letterhead

NOW = datetime(2026, 11, 3, 10, 42, tzinfo=UTC)
LINE = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300)
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def composed(**given: Any) -> bytes:
    fields: dict[str, Any] = {
        "to": Mailbox(name="Ana Öz", address="ana@x.example"),
        "subject": "Hello",
        "text": "Dear Ana",
        "message_id": "<1@x.example>",
        "now": NOW,
        **given,
    }
    sender = Mailbox(name=fields.pop("sender_name", "Northfield"), address="careers@x.example")
    return letterhead(sender=sender, reply_to="sam@x.example").compose(**fields)


def parsed(head: bytes) -> EmailMessage:
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", head)
    assert max(map(len, head.split(b"\r\n"))) < 998
    return message_from_bytes(head, EmailMessage, policy=policy.default)


@given(LINE)
@example("")
@example("a  b ")
@example("=?utf-8?b?QQ==?=")
@example("word " * 60)
@example("x" * 2000)
@example("Zürich " * 30)
def test_any_subject_is_read_as_it_was_written(subject: str) -> None:
    read = message_from_bytes(text_field("Subject", subject), policy=policy.default)["Subject"]
    assert read == subject


@given(LINE.filter(lambda name: name == " ".join(name.split())))
@example('O"Neill \\ Sons, Ltd.')
@example("Ana Öz")
@example("x" * 210)
@example("王秀英 " * 20 + "王")
def test_any_name_is_read_as_it_was_written(name: str) -> None:
    # Python 3.11's newer parser puts blanks between the encoded words of a name; the older one reads them.
    mail = message_from_bytes(composed(to=Mailbox(name=name, address="ana@x.example"), sender_name=name))
    for field, address in (("To", "ana@x.example"), ("From", "careers@x.example")):
        read, spec = parseaddr(mail[field])
        assert (str(make_header(decode_header(read))), spec) == (name, address)


@given(TEXT)
@example("From the start\n.\n..\n" + "x" * 5000)
@example("--=_alternative\n--=_deadbeef\n")
@example("trailing \n\ttabs\t\nßß" * 50)
def test_any_text_is_read_as_it_was_written(text: str) -> None:
    read = parsed(composed(text=text)).get_content()
    meant = re.sub(r"\r\n?", "\n", text).removesuffix("\n")
    assert read.replace("\r\n", "\n").removesuffix("\n") == meant


def test_html_goes_beside_the_text() -> None:
    mail = parsed(composed(text="Grüße", html="<p>Grüße ---=_alternative</p>"))
    parts = [part.get_content().strip() for part in mail.iter_parts()]
    assert mail.get_content_type() == "multipart/alternative"
    assert parts == ["Grüße", "<p>Grüße ---=_alternative</p>"]


def test_header_says_who_writes_when() -> None:
    mail = parsed(composed())
    assert mail["From"].addresses[0].addr_spec == "careers@x.example"
    assert mail["Reply-To"] == "sam@x.example"
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"] == "<1@x.example>"
    assert not mail.defects


def test_international_address_stays_as_it_is() -> None:
    head = composed(to=Mailbox(name="Aña", address="aña@x.example"))
    assert "<aña@x.example>".encode() in head


@pytest.mark.parametrize(
    "name", ["Ana\r\nBcc: eve@x.example", "a\nBcc: b@c.example", "a\rb", "Ana\0", "Ana\x7f"]
)
def test_value_cannot_add_a_header(name: str) -> None:
    with pytest.raises(WrongField):
        composed(to=Mailbox(name=name, address="ana@x.example"))
    with pytest.raises(WrongField):
        composed(subject=name)


@given(LINE.filter(bool))
@example("résumé Müller 履歴.pdf")
@example("two  blanks.pdf")
@example('quote".pdf')
@example("🎓" * 200 + ".pdf")
def test_any_file_name_is_read_as_it_was_written(name: str) -> None:
    fields = attachment_fields(name=name, media_type="application/pdf")
    assert b"  " not in fields
    assert not re.search(rb"[ \t]\r\n", fields)
    assert max(map(len, fields.split(b"\r\n"))) <= 100
    assert message_from_bytes(fields).get_filename() is not None
    assert parsed_filename(fields) == name


def parsed_filename(fields: bytes) -> str:
    """Read RFC 2231 without the parser's tidying of blanks."""
    value = message_from_bytes(fields).get_param("filename", header="Content-Disposition")
    assert value is not None
    return collapse_rfc2231_value(value)


@pytest.mark.parametrize(
    "media_type", ["message/rfc822", "multipart/mixed", "nonsense", "a/b\r\nX: y", "text/x; y=z"]
)
def test_type_that_cannot_be_encoded_becomes_bytes(media_type: str) -> None:
    part = message_from_bytes(attachment_fields(name="a", media_type=media_type))
    assert part.get_content_type() == "application/octet-stream"
    assert part.keys() == ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition"]
