"""Reading the folder where the yard's mail catcher keeps every mail: the newest ones, cheaply."""

import heapq
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.utils.translation import gettext as _

SHOWN = 200
HEADER_BYTES = 16_384
# Names that Python's mailbox.Maildir gives: seconds, microseconds, process, host.
WRITTEN_AT = re.compile(r"^(\d+)\.M(\d+)")
SAFE_NAME = re.compile(r"^\w[\w.,:=+-]*$")


class NoSuchMail(Exception):
    """The mailbox has no mail, or the mail no attachment, of this name."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What the list shows of a mail."""

    name: str
    """Its file name in the Maildir, used in addresses."""
    to: str
    sender: str
    subject: str
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that came with a mail."""

    number: int
    """Its place in the mail, from 1."""
    name: str
    content: bytes

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


@dataclass(frozen=True, kw_only=True)
class OpenedMail(Mail):
    """A whole mail."""

    text: str
    attachments: list[Attachment]


def newest(folder: Path, *, limit: int = SHOWN) -> list[Mail]:
    """Return the newest `limit` mails. Reads all names in the folder but only those mails' first 16 KiB."""
    chosen = heapq.nlargest(limit, _entries(folder), key=lambda entry: _written_at(entry.name))
    return [_summary(Path(entry.path)) for entry in chosen]


def opened(folder: Path, *, name: str) -> OpenedMail:
    """Return the mail of this file name with its text and attachments.

    Raises:
        NoSuchMail: there is none.
    """
    message = _parse(_path(folder, name).read_bytes())
    head = _head(name, message)
    return OpenedMail(
        **vars(head),
        text=_text(message),
        attachments=[
            Attachment(number=number, name=_file_name(part, number), content=_content(part))
            for number, part in enumerate(message.iter_attachments(), start=1)
        ],
    )


def attachment(folder: Path, *, name: str, number: int) -> Attachment:
    """Return the attachment at place `number` (from 1) of the mail.

    Raises:
        NoSuchMail: there is no such mail, or it has fewer attachments.
    """
    attachments = opened(folder, name=name).attachments
    if not 1 <= number <= len(attachments):
        message = f"The mail has no attachment {number}."
        raise NoSuchMail(message)
    return attachments[number - 1]


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    for box in ("new", "cur"):
        if (folder / box).is_dir():
            with os.scandir(folder / box) as entries:
                yield from entries


def _written_at(name: str) -> tuple[int, int]:
    found = WRITTEN_AT.match(name)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _path(folder: Path, name: str) -> Path:
    for box in ("new", "cur"):
        path = folder / box / name
        if SAFE_NAME.match(name) and path.is_file():
            return path
    message = f"There is no mail {name!r}."
    raise NoSuchMail(message)


def _summary(path: Path) -> Mail:
    with path.open("rb") as file:
        start = file.read(HEADER_BYTES)
    return _head(
        path.name, BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(start, headersonly=True)
    )


def _parse(raw: bytes) -> EmailMessage:
    return BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(raw)


def _head(name: str, message: EmailMessage) -> Mail:
    return Mail(
        name=name,
        to=str(message.get("To") or message.get("X-RcptTo") or ""),
        sender=str(message.get("From") or ""),
        subject=str(message.get("Subject") or _("(no subject)")),
        sent_at=_sent_at(message),
    )


def _sent_at(message: EmailMessage) -> datetime | None:
    try:
        sent_at = parsedate_to_datetime(str(message.get("Date", "")))
    except ValueError:
        return None
    return sent_at if sent_at.tzinfo else sent_at.replace(tzinfo=UTC)


def _text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain", "html"))
    return str(body.get_content()) if isinstance(body, EmailMessage) else ""


def _content(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else part.as_bytes()


def _file_name(part: EmailMessage, number: int) -> str:
    name = re.split(r"[/\\]", part.get_filename() or "")[-1]
    kept = "".join(character for character in name if character.isprintable()).strip(". ")
    return kept or f"attachment-{number}"
