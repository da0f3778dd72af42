"""Reports that other mail servers send back: of mail that failed (RFC 3464), and of complaints (RFC 5965)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

from django.utils.translation import gettext as _

READ_BYTES = 1 << 18
"""So much of a report is read: it tells what happened first, and brings the whole mail back after that."""
STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
NO_MAILBOX = {("1", subject) for subject in ("0", "1", "2", "3", "6", "10")} | {("2", "1")}
"""Subjects and details of RFC 3463 and RFC 7505: no such mailbox or host, moved, disabled, takes no mail."""
RECIPIENT_FIELDS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
"""Where a mailbox keeps the address that a mail was sent to."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a report says about one mail of ours."""

    returned_to: tuple[str, ...]
    """Addresses that it may have been sent to; one of them is the mail's return path."""
    has_failed: bool = False
    """Whether the mail will not arrive."""
    is_complaint: bool = False
    """Whether the recipient called it spam."""
    status: str = ""
    """RFC 3463's status, such as 5.1.1; empty where it is not told."""
    words: str = ""
    """What the other server said."""

    @property
    def has_no_mailbox(self) -> bool:
        """Whether no mail to that address can arrive; a mailbox that is only full takes others again."""
        found = STATUS.fullmatch(self.status)
        return found is not None and found[1] == "5" and (found[2], found[3]) in NO_MAILBOX


def read(content: bytes, *, to: str = "") -> Report | None:
    """Return what the mail `content` reports; None when it is no report, such as an answer from a holiday.

    `to` is the address that it was sent to, where the mail server tells it. Of several failures the first
    counts: each of our mails has one recipient.
    """
    message = message_from_bytes(content[:READ_BYTES], EmailMessage, policy=policy.default)
    if message.get_content_type() != "multipart/report":
        return None
    addresses = tuple(_addresses(message, to=to))
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report":
            return _complaint(part, addresses)
        if part.get_content_type() == "message/delivery-status":
            return _failure(part, addresses)
    return None


def _addresses(message: EmailMessage, *, to: str) -> Iterator[str]:
    if to:
        yield to
    for name in RECIPIENT_FIELDS:
        for value in message.get_all(name, []):
            yield from re.findall(r"[^\s<>,;\"]+@[^\s<>,;\"]+", str(value))


def _blocks(part: Message) -> list[Message]:
    """Return the groups of fields of a machine's part: about the mail, then about each recipient."""
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _failure(part: Message, addresses: tuple[str, ...]) -> Report:
    for block in _blocks(part):
        if str(block.get("Action", "")).strip().lower() == "failed":
            status = STATUS.search(str(block.get("Status", "")))
            words = str(block.get("Diagnostic-Code", "")).partition(";")[2] or str(block.get("Status", ""))
            return Report(
                returned_to=addresses,
                has_failed=True,
                status=status[0] if status else "",
                words=" ".join(words.split()),
            )
    return Report(returned_to=addresses)


def _complaint(part: Message, addresses: tuple[str, ...]) -> Report:
    """Read a complaint: it names the return path of our mail itself."""
    fields = _blocks(part)
    sent_from = tuple(str(block.get("Original-Mail-From", "")) for block in fields)
    kinds = {str(block.get("Feedback-Type", "")).strip().lower() for block in fields}
    return Report(
        returned_to=(*sent_from, *addresses),
        is_complaint="not-spam" not in kinds,
        words=_("Reported as {names}.").format(names=", ".join(sorted(kinds))),
    )
