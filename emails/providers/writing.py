"""Writing: each mail for a provider, its texts rendered by us, and the calls that take several."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext as _

from emails import composing
from emails.composing import CannotCompose, Letter
from emails.footing import FileLine
from emails.providers.catalogue import CALL_BYTES, Provider
from emails.sizes import encoded
from emails.smtp.fields import WrongField, require_one_line
from emails.smtp.tails import require_unchanged
from emails.templating import CannotFill
from jobs.models import StoredFile
from jobs.sizes import size


class TooLarge(Exception):
    """The provider takes no mail of this size; the message says so."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """One mail as its recipient shall see it."""

    name: str
    address: str
    subject: str
    text: str
    html: str
    """Empty for a mail of plain text."""
    unsubscribe_link: str = ""
    mark: str = ""
    """What events about the mail will carry."""

    @property
    def size(self) -> int:
        """About the bytes of the mail without its files."""
        return len((self.subject + self.text + self.html).encode())


@dataclass(frozen=True, kw_only=True)
class Enclosures:
    """The files of a mailing, read into memory once for all calls of a part."""

    files: Sequence[tuple[str, bytes, str]]
    """Name, content and media type of each."""

    @classmethod
    def of(cls, files: Sequence[StoredFile]) -> Self:
        """Read `files`.

        Raises:
            AttachmentChanged: the store has not the bytes that were stored.
        """
        return cls(files=[(file.name, _content(file), file.media_type) for file in files])

    @property
    def size(self) -> int:
        """Bytes that they have in a mail."""
        return encoded(sum(len(content) for _, content, _ in self.files))


def _content(file: StoredFile) -> bytes:
    content, found = b"", ""
    with suppress(OSError):
        with file.content.open("rb") as opened:
            content = opened.read()
        found = hashlib.sha256(content).hexdigest()
    require_unchanged(file.name, sha256=file.sha256, found=found)
    return content


def write(
    letter: Letter,
    *,
    name: str,
    address: str,
    values: Mapping[str, str],
    unsubscribe_link: str = "",
    files: Sequence[FileLine] = (),
    mark: str = "",
) -> Written:
    """Return one mail of `letter`; `files` are its links, as with `Composer.compose`.

    Raises:
        CannotCompose: the address is none, a value would break a header, or a field has none.
    """
    try:
        text, html = letter.filled(values, unsubscribe_link=unsubscribe_link, files=files)
        subject = letter.subject.fill(values)
        require_one_line(name + subject)
    except (WrongField, CannotFill) as error:
        raise CannotCompose(str(error)) from error
    return Written(
        name=name,
        address=composing.envelope_address(address),
        subject=subject,
        text=text,
        html=html,
        unsubscribe_link=unsubscribe_link,
        mark=mark,
    )


def admit(mail_bytes: int, *, provider: Provider) -> None:
    """Refuse a mail of `mail_bytes` that `provider` does not take.

    Raises:
        TooLarge: so it is.
    """
    if mail_bytes > provider.most_mail_bytes:
        most = size(provider.most_mail_bytes)
        message = _("{provider} takes mails up to {most}, and this one has {size}.").format(
            provider=provider.title, most=most, size=size(mail_bytes)
        )
        raise TooLarge(message)


class Room:
    """What one call still takes."""

    def __init__(self, provider: Provider, *, files_bytes: int) -> None:
        """Begin with an empty call, whose mails have files of `files_bytes`, encoded."""
        self._mails_left = provider.most_recipients
        self._each = 0 if provider.shares_files else files_bytes
        self._bytes_left = CALL_BYTES - (files_bytes if provider.shares_files else 0)
        self._addresses: set[str] = set()

    def takes(self, mail: Written) -> bool:
        """Say whether there is room for `mail`, and fill it. The first one always has room.

        An address is the key of its texts in a call, so it has room once.
        """
        address, needed = mail.address.lower(), mail.size + self._each
        is_full = not self._mails_left or needed > self._bytes_left or address in self._addresses
        if self._addresses and is_full:
            return False
        self._addresses.add(address)
        self._mails_left -= 1
        self._bytes_left -= needed
        return True


def cut(mails: Iterable[Written], *, provider: Provider, files_bytes: int) -> Iterator[list[Written]]:
    """Cut `mails` into calls within the limits of `provider`; their files have `files_bytes`, encoded."""
    call: list[Written] = []
    room = Room(provider, files_bytes=files_bytes)
    for mail in mails:
        if not room.takes(mail):
            yield call
            call, room = [], Room(provider, files_bytes=files_bytes)
            room.takes(mail)
        call.append(mail)
    if call:
        yield call
