"""Composing: from a text and values to a mail for the relay.

What the mails of a mailing have in common is encoded once; for each recipient only a head is made.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from emails import footing, merging
from emails.footing import FileLine
from emails.signers import signer_of
from emails.smtp.fields import WrongField, unsubscribe_fields
from emails.smtp.heads import Letterhead, Mailbox, letterhead
from emails.smtp.messages import Message
from emails.smtp.signing import Signer
from emails.smtp.tails import AnyTail
from emails.templating import CannotFill

LETTER_BEYOND_ASCII = re.compile(r"[^\W\x00-\x7f]")


class CannotCompose(Exception):
    """No mail can be made of this address or these values; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What all mails of a mailing have in common."""

    subject: merging.Template
    body: merging.Template
    sender_name: str
    sender: str = ""
    """Address that the mails come from; empty for that of DEFAULT_FROM_EMAIL."""
    html: merging.Template | None = None
    """The same as `body`, formatted; None for a mail of plain text."""
    reply_to: str = ""
    """Address that answers go to; empty for the sender's."""
    unsubscribe_sample: str = ""
    """What stands for the link to unsubscribe in a mail that has none of its own; empty for nothing."""
    file_samples: Sequence[FileLine] = ()
    """What stands for links to files in a mail that has none of its own."""

    def filled(
        self, values: Mapping[str, str], *, unsubscribe_link: str = "", files: Sequence[FileLine] = ()
    ) -> tuple[str, str]:
        """Return text and HTML (empty for none) of one mail, with the `files` to fetch at the end.

        Below them stands how one unsubscribes, for who can.

        Raises:
            CannotFill: a field has no value.
        """
        text, html = self.body.fill(values), self.html.fill(values) if self.html else ""
        if files := files or self.file_samples:
            text = footing.files_under_text(text, files=files)
            html = footing.files_under_html(html, files=files) if html else ""
        link = unsubscribe_link or self.unsubscribe_sample
        if link:
            text = footing.under_text(text, school=self.sender_name, link=link)
            html = footing.under_html(html, school=self.sender_name, link=link) if html else ""
        return text, html

    @property
    def comes_from(self) -> str:
        """The address in From and in the envelope."""
        return self.sender or sender_address()


@dataclass(frozen=True, kw_only=True)
class Composer:
    """Makes the mails of one letter."""

    letter: Letter
    head: Letterhead
    tail: AnyTail | None
    signer: Signer | None
    boundary: str
    """Between the parts of the mails; empty where they have no files."""

    @classmethod
    def of(cls, letter: Letter, *, tail: AnyTail | None = None, boundary: str = "") -> Self:
        """Return the composer of `letter`, with the attachments of `tail`.

        `boundary` is that of the mails' own tails, if they have such and no `tail`.

        Raises:
            CannotCompose: the sender's name or the address for answers would break a header.
        """
        sender = Mailbox(name=letter.sender_name, address=letter.comes_from)
        reply_to = envelope_address(letter.reply_to) if letter.reply_to else ""
        boundary = tail.boundary if tail else boundary
        try:
            head = letterhead(sender=sender, reply_to=reply_to, boundary=boundary)
        except WrongField as error:
            raise CannotCompose(str(error)) from error
        signer = signer_of(sender.address.rpartition("@")[2])
        return cls(letter=letter, head=head, tail=tail, signer=signer, boundary=boundary)

    def compose(
        self,
        *,
        name: str,
        address: str,
        values: Mapping[str, str],
        message_id: str,
        now: datetime,
        unsubscribe_link: str = "",
        files: Sequence[FileLine] = (),
        tail: AnyTail | None = None,
    ) -> Message:
        """Return one mail, signed when the settings have a key for our domain; `files` are its links.

        `tail` is what this mail alone has, in place of the composer's.

        Raises:
            CannotCompose: the address is none, a value would break a header, or a field has none.
        """
        try:
            text, html = self.letter.filled(values, unsubscribe_link=unsubscribe_link, files=files)
            head = self.head.compose(
                to=Mailbox(name=name, address=envelope_address(address)),
                subject=self.letter.subject.fill(values),
                text=text,
                html=html,
                message_id=message_id,
                now=now,
                extra=unsubscribe_fields(unsubscribe_link) if unsubscribe_link else b"",
            )
        except (WrongField, CannotFill) as error:
            raise CannotCompose(str(error)) from error
        message = Message(head=head, tail=tail or self.tail)
        return self.signer.signed(message, now=now) if self.signer else message


def sender_address() -> str:
    """Return the address that mail comes from unless its letter has another: that of DEFAULT_FROM_EMAIL."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def new_message_id(*, sender: str = "") -> str:
    """Return a Message-ID that no other mail has, in the domain of `sender` or of all mail."""
    return f"<{secrets.token_hex(16)}@{(sender or sender_address()).rpartition('@')[2]}>"


def envelope_address(address: str) -> str:
    """Return `address` as the relay wants it: an international domain in its ASCII form.

    Letters beyond ASCII before the @ stay: not every relay takes them (SMTPUTF8).

    Raises:
        CannotCompose: it is no mail address.
    """
    local, _at, domain = address.rpartition("@")
    try:
        validate_email(f"{LETTER_BEYOND_ASCII.sub('a', local)}@{domain}")
        return f"{local}@{domain.encode('idna').decode()}"
    except (ValidationError, UnicodeError) as error:
        message = _("This is not a mail address that the relay can use.")
        raise CannotCompose(message) from error
