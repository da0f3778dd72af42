"""Composing: from a text, values and files to the bytes that go to the relay.

The files of a mailing are encoded once for all its mails (`enclose`); for each recipient only the
headers and the text are made anew (`compose`).
"""

import binascii
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from emails import merging
from emails.relay import stuffed
from jobs.models import StoredFile

POLICY = SMTP.clone(cte_type="7bit")
LINE_BREAK = b"\r\n"
LINE_BYTES = 76
# RFC 2046 and RFC 2047 forbid to encode these; as plain bytes they arrive intact.
NEVER_ENCODED = frozenset({"message", "multipart"})
BYTES_TYPE = "application/octet-stream"


class CannotCompose(Exception):
    """No mail can be made of this address or these values; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """Encoded files, ready to follow the text of any mail."""

    boundary: str
    """Random, so that no text can hold it by chance."""
    data: bytes
    """All files with their headers, dots doubled; empty without files."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What all mails of a mailing have in common."""

    subject: merging.Template
    body: merging.Template
    sender_name: str
    reply_to: str = ""
    """Address that answers go to; empty for the sender's."""


def sender_address() -> str:
    """Return the address that all mail comes from: that of DEFAULT_FROM_EMAIL."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def new_message_id() -> str:
    """Return a Message-ID that no other mail has."""
    return f"<{secrets.token_hex(16)}@{sender_address().rpartition('@')[2]}>"


def enclose(files: Iterable[StoredFile]) -> Enclosure:
    """Encode `files` for all mails of a mailing; holds them in memory, a third larger than they are."""
    boundary = f"=_{secrets.token_hex(16)}"
    opening = f"--{boundary}\r\n".encode()
    closing = f"--{boundary}--\r\n".encode()
    parts = [opening + stuffed(_encoded(file)) for file in files]
    return Enclosure(boundary=boundary, data=b"".join(parts) + closing if parts else b"")


def compose(
    letter: Letter,
    *,
    name: str,
    address: str,
    values: Mapping[str, str],
    message_id: str,
    now: datetime,
    enclosure: Enclosure | None = None,
) -> list[bytes]:
    """Return one mail in chunks for `Relay.hand_over`.

    Raises:
        CannotCompose: the address is none, or a value would break a header.
    """
    message = EmailMessage(policy=POLICY)
    try:
        message["From"] = Address(merging.header_value(letter.sender_name), addr_spec=sender_address())
        message["To"] = _address(name, address)
        if letter.reply_to:
            message["Reply-To"] = _address("", letter.reply_to)
        message["Subject"] = merging.header_value(letter.subject.fill(values))
    except merging.HeaderBreak as error:
        raise CannotCompose(str(error)) from error
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id
    message.set_content(letter.body.fill(values))
    if enclosure is None or not enclosure.data:
        return [stuffed(message.as_bytes())]
    return [stuffed(_opened(message, boundary=enclosure.boundary)), enclosure.data]


def envelope_address(address: str) -> str:
    """Return `address` as the relay wants it: an international domain in its ASCII form.

    Raises:
        CannotCompose: it is no mail address, or not one that every relay can take.
    """
    local, _, domain = address.rpartition("@")
    try:
        validate_email(address)
        return f"{local}@{domain.encode('idna').decode()}"
    except (ValidationError, UnicodeError) as error:
        message = "This is not a mail address that the relay can use."
        raise CannotCompose(message) from error


def _address(name: str, address: str) -> Address:
    local, _, domain = envelope_address(address).rpartition("@")
    return Address(merging.header_value(name), username=local, domain=domain)


def _opened(message: EmailMessage, *, boundary: str) -> bytes:
    """Return `message` as the start of a mail whose files follow: all but its last boundary."""
    message.make_mixed(boundary)
    return message.as_bytes().removesuffix(f"--{boundary}--\r\n".encode())


def _encoded(file: StoredFile) -> bytes:
    """Return one file as a part of a mail, headers first. The standard library's own encoder is slow."""
    part = MIMEPart(policy=POLICY)
    maintype, subtype = _media_type(file)
    part.set_content(b"", maintype, subtype, disposition="attachment", filename=file.name)
    headers = b"".join(POLICY.fold_binary(name, value) for name, value in part.items())
    with file.content.open("rb") as content:
        encoded = binascii.b2a_base64(content.read(), newline=False)
    return headers + LINE_BREAK + LINE_BREAK.join([*_lines(encoded), b""])


def _lines(encoded: bytes) -> Iterator[bytes]:
    return (encoded[start : start + LINE_BYTES] for start in range(0, len(encoded), LINE_BYTES))


def _media_type(file: StoredFile) -> tuple[str, str]:
    maintype, _, subtype = file.media_type.partition("/")
    if not subtype or maintype in NEVER_ENCODED:
        maintype, _, subtype = BYTES_TYPE.partition("/")
    return maintype, subtype
