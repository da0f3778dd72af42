"""Composing: what goes over the wire reads back as what was written."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from random import Random
from typing import Any

import pytest
from django.core.files.base import ContentFile
from hypothesis import given
from hypothesis import strategies as st

from emails import composing, formatting, merging
from emails.enclosing import tail_of
from emails.smtp.tails import Tail
from jobs import files
from jobs.models import School, StoredFile

NOW = datetime(2026, 11, 3, 10, 42, tzinfo=UTC)


def letter(
    subject: str = "Hello {{ first_name }}", body: str = "Dear {{ first_name }}", **given: Any
) -> composing.Letter:
    fields = {"sender_name": "Northfield", **given}
    return composing.Letter(subject=merging.read(subject), body=merging.read(body), **fields)


def composed(letter: composing.Letter, *, tail: Tail | None = None, **given: Any) -> EmailMessage:
    fields: dict[str, Any] = {
        "name": "Ana Öz",
        "address": "ana@x.example",
        "values": {"first_name": "Ana"},
        **given,
    }
    composer = composing.Composer.of(letter, tail=tail)
    wire = composer.compose(message_id="<1@x.example>", now=NOW, **fields).head
    if tail is not None:
        wire += b"".join(bytes(window) for window in tail.windows(until=tail.size))
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", wire)
    assert all(len(line) < 998 for line in wire.split(b"\r\n"))
    return message_from_bytes(wire, EmailMessage, policy=policy.default)


def stored(school: School, *, name: str, content: bytes, media_type: str = "application/pdf") -> StoredFile:
    return files.store(school=school, name=name, media_type=media_type, content=ContentFile(content))


def test_headers_say_who_writes_to_whom() -> None:
    mail = composed(letter(sender_name="Universität Zürich, Career", reply_to="sam@northfield.example"))
    assert mail["From"].addresses[0].display_name == "Universität Zürich, Career"
    assert mail["From"].addresses[0].addr_spec == composing.sender_address()
    assert str(mail["To"]) == "Ana Öz <ana@x.example>"
    assert mail["Reply-To"] == "sam@northfield.example"
    assert mail["Subject"] == "Hello Ana"
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"] == "<1@x.example>"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\0")))
def test_any_body_arrives_as_it_was_written(body: str) -> None:
    text = body.replace("{", '{{ "{" }}')
    arrived = composed(letter(body=text)).get_content().replace("\r\n", "\n")
    assert arrived.removesuffix("\n") == body.removesuffix("\n")


def test_attachments_arrive_byte_for_byte(school: School) -> None:
    contents = {
        "résumé Müller 履歴.pdf": Random(7).randbytes(100_001),
        "dots.txt": b".\r\n..\n.\n--boundary\r\n" * 50,
        "mail.eml": b"From: a@b.example\n\nbare\rreturn\n",
    }
    given_files = [
        stored(school, name=name, content=content, media_type=media_type)
        for (name, content), media_type in zip(
            contents.items(), ("application/pdf", "text/plain", "message/rfc822"), strict=True
        )
    ]
    with tail_of(given_files) as tail:
        mail = composed(letter(body=".starts with a dot"), tail=tail)
    body = mail.get_body()
    assert isinstance(body, EmailMessage)
    assert body.get_content().strip() == ".starts with a dot"
    arrived = {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()}
    assert arrived == contents


def test_international_domain_is_written_in_ascii() -> None:
    assert composing.envelope_address("ana@müller.example") == "ana@xn--mller-kva.example"


def test_international_name_before_the_at_stays() -> None:
    assert composing.envelope_address("aña.müller@x.example") == "aña.müller@x.example"


@pytest.mark.parametrize(
    "address", ["", "ana", "ana@", "a\nb@x.example", "a\u2028b@x.example", "<a@b.example>"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(composing.CannotCompose):
        composed(letter(), address=address)


def test_value_cannot_add_a_header() -> None:
    with pytest.raises(composing.CannotCompose, match="line break"):
        composed(letter(), values={"first_name": "Ana\r\nBcc: eve@x.example"})


def test_no_two_mails_have_the_same_message_id() -> None:
    assert composing.new_message_id() != composing.new_message_id()


def test_formatted_mail_says_the_same_as_text_and_as_html() -> None:
    body = formatting.body("Dear **{{ first_name }}**", written_as="markdown")
    mail = composed(
        composing.Letter(
            subject=merging.read("Fair"), body=body.text, html=body.html, sender_name="Northfield"
        ),
        values={"first_name": "Ana <3"},
    )
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert text.get_content().strip() == "Dear Ana <3"
    assert "<p>Dear <strong>Ana &lt;3</strong></p>" in html.get_content()


def test_value_that_is_not_there_at_all_makes_no_mail() -> None:
    with pytest.raises(composing.CannotCompose, match="first_name"):
        composed(letter(), values={})
