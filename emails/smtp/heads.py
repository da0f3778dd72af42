"""The head of a mail: what is made anew for each recipient, all that stands before the attachments."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from emails.smtp.fields import address_field, text_field
from emails.smtp.texts import text_part

ALTERNATIVE = "=_alternative"
VERSION = b"MIME-Version: 1.0\r\n"


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A name and an address, as the address stands in a header."""

    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Letterhead:
    """What the heads of many mails have in common, encoded once: see `letterhead`."""

    fields: bytes
    opening: bytes
    """What precedes the text: with attachments the header of the whole and the first boundary."""

    def compose(
        self,
        *,
        to: Mailbox,
        subject: str,
        text: str,
        message_id: str,
        now: datetime,
        html: str = "",
        extra: bytes = b"",
    ) -> bytes:
        """Return the head of one mail: header and text, its lines ending with CRLF, dots not doubled.

        `extra` are more header fields, encoded.

        Raises:
            WrongField: the name or the subject holds a control character.
        """
        return b"".join(
            (
                self.fields,
                address_field("To", display_name=to.name, address=to.address),
                text_field("Subject", subject),
                f"Date: {format_datetime(now)}\r\nMessage-ID: {message_id}\r\n".encode(),
                extra,
                self.opening,
                _alternatives(text, html) if html else text_part(text),
            )
        )


def letterhead(*, sender: Mailbox, reply_to: str = "", boundary: str = "", extra: bytes = b"") -> Letterhead:
    """Encode what the mails of `sender` have in common.

    `boundary` is that of the attachments, empty without; `extra` are more header fields, encoded.

    Raises:
        WrongField: a value holds a control character.
    """
    fields = address_field("From", display_name=sender.name, address=sender.address)
    if reply_to:
        fields += address_field("Reply-To", display_name="", address=reply_to)
    return Letterhead(fields=fields + extra, opening=mixed_opening(boundary) if boundary else VERSION)


def mixed_opening(boundary: str) -> bytes:
    """Return the header of a mail with attachments, and the boundary before its text."""
    content_type = f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'
    return VERSION + f"{content_type}--{boundary}\r\n".encode()


def _alternatives(text: str, html: str) -> bytes:
    """Return the same said twice, the best form last (RFC 2046, section 5.1.4)."""
    boundary = f"--{ALTERNATIVE}\r\n".encode()
    header = f'Content-Type: multipart/alternative; boundary="{ALTERNATIVE}"\r\n\r\n'
    return b"".join(
        (
            header.encode(),
            boundary,
            text_part(text),
            boundary,
            text_part(html, subtype="html"),
            f"--{ALTERNATIVE}--\r\n".encode(),
        )
    )
