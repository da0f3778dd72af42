"""Adopting a mail that other code wrote as Django's EmailMessage: equal attachments are encoded once."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from email import policy
from email.charset import QP, Charset
from email.generator import BytesGenerator
from email.message import Message as PythonMessage
from email.mime.base import MIMEBase
from io import BytesIO
from mimetypes import guess_type
from typing import cast

from django.core.mail import EmailMessage

from emails.enclosing import spool
from emails.smtp.heads import mixed_opening
from emails.smtp.messages import Message
from emails.smtp.tails import Enclosed

WORTH_BYTES = 1 << 16
"""Attachments that are smaller together are encoded faster than they are looked up."""
WITH_CRLF = policy.compat32.clone(linesep="\r\n")
OF_THE_TEXT = (b"content-", b"mime-version:")
BYTES_TYPE = "application/octet-stream"


@contextmanager
def adopted(mail: EmailMessage) -> Iterator[Message]:
    """Keep what `mail` says in the form in which the mail writer sends it, within the block.

    Raises:
        SpoolFull: this host has no room for its attachments now.
        ValueError: a header of it cannot be written, as Django says.
    """
    files = _plain_files(mail)
    if sum(file.size for file in files) < WORTH_BYTES:
        yield Message(head=_bytes_of(mail.message()))
        return
    bare = copy(mail)
    bare.attachments = []
    head, _, text = _bytes_of(bare.message()).partition(b"\r\n\r\n")
    with spool().tail(files) as tail:
        fields = _fields(head)
        of_the_text = [field for field in fields if field.lower().startswith(OF_THE_TEXT)]
        of_the_mail = [field for field in fields if field not in of_the_text]
        of_the_part = [field for field in of_the_text if not field.lower().startswith(b"mime-version:")]
        opening = mixed_opening(tail.boundary)
        parts = (*of_the_mail, opening, *of_the_part, b"\r\n", text.rstrip(b"\r\n"), b"\r\n")
        yield Message(head=b"".join(parts), tail=tail)


def _plain_files(mail: EmailMessage) -> list[Enclosed]:
    """Return the attachments; none when one of them is more than a named file, or they belong to the text."""
    if getattr(mail, "mixed_subtype", "mixed") != "mixed" or any(
        isinstance(part, MIMEBase) for part in mail.attachments
    ):
        return []
    files = [_plain_file(*part) for part in mail.attachments]
    known = [file for file in files if file is not None]
    return known if len(known) == len(files) else []


def _plain_file(name: str | None, content: object, media_type: str | None) -> Enclosed | None:
    media_type = media_type or guess_type(name or "")[0] or BYTES_TYPE
    if not name or media_type.startswith("message/") or not isinstance(content, bytes | str):
        return None
    if isinstance(content, str):
        content, media_type = content.encode(), f'{media_type}; charset="utf-8"'
    data = content
    digest = hashlib.sha256(data).hexdigest()
    return Enclosed(
        sha256=digest, size=len(data), name=name, media_type=media_type, open=lambda: BytesIO(data)
    )


def _bytes_of(message: PythonMessage) -> bytes:
    """Write `message`, its texts in seven bits: relays on the way must not have to change a signed mail."""
    for part in message.walk():
        if part.get_content_maintype() == "text" and part["Content-Transfer-Encoding"] == "8bit":
            charset = Charset(part.get_content_charset("utf-8"))
            charset.body_encoding = QP
            payload = cast("bytes", part.get_payload(decode=True))
            text = payload.decode(str(charset.input_charset), "replace")
            del part["Content-Transfer-Encoding"]
            part.set_payload(text, charset)
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, policy=WITH_CRLF).flatten(message)
    written = out.getvalue()
    return written if written.endswith(b"\r\n") else written + b"\r\n"


def _fields(head: bytes) -> list[bytes]:
    """Return the header's fields, each with its folded lines and its end."""
    fields: list[bytes] = []
    for line in head.split(b"\r\n"):
        if fields and line.startswith((b" ", b"\t")):
            fields[-1] += line + b"\r\n"
        else:
            fields.append(line + b"\r\n")
    return fields
