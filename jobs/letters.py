"""Single mails by which other apps send something, offered by the app that speaks to the mail relay."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from django.utils.translation import gettext_lazy as _

from jobs.retries import MayBeDone, PermanentFailure, TemporaryFailure

if TYPE_CHECKING:
    from django.db.models import Model

    from jobs.models import School, StoredFile

LANE = "mail"
SERVICE = "relay"
"""The outside service on whose limits such mails draw, for the kinds that send them."""
IN_DOUBT = _("Nobody knows whether this mail arrived: it broke off while it was handed over.")


class NoCarrier(Exception):
    """No app sends mails."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail to one recipient."""

    name: str
    """The recipient's; may be empty."""
    address: str
    sender_name: str
    subject: str
    text: str
    message_id: str
    reply_to: str = ""
    """Address that answers go to; empty for the sender's."""
    file: "StoredFile | None" = None
    """What is attached."""


class Carrier(Protocol):
    """What the app that speaks to the relay offers."""

    def objection(self, file: "StoredFile", *, school: "School") -> str:
        """Return why `file` is not attached to a mail of the school, as a sentence; empty where it can be."""

    def is_address(self, address: str) -> bool:
        """Say whether a mail can go to the address."""

    def new_message_id(self) -> str:
        """Return a Message-ID that no other mail has."""

    def send(self, letter: Letter) -> None:
        """Hand the mail over to the relay. There is no ledger: who calls again may send it twice.

        Raises:
            TemporaryFailure: the relay could not take it now.
            MayBeDone: nobody knows whether the relay took it.
            PermanentFailure: the relay refused it for good, or it cannot be written.
        """


_offered: list[Carrier] = []


def offer(carrier: Carrier) -> None:
    """Make `carrier` the one that `carrier()` returns."""
    _offered[:] = [carrier]


def is_offered() -> bool:
    """Say whether some app sends mails."""
    return bool(_offered)


def carrier() -> Carrier:
    """Return the carrier that an app offered.

    Raises:
        NoCarrier: none was offered.
    """
    if not _offered:
        message = "No app sends mails; add one that does to INSTALLED_APPS."
        raise NoCarrier(message)
    return _offered[0]


def send_once(letter: Letter, *, row: "Model", now: datetime) -> None:
    """Hand the mail over, unless that was begun before: it is never sent twice.

    The mail's `row` tells of it: `begun_at` is None until then, and again if it surely did not arrive.

    Raises:
        TemporaryFailure: the relay could not take it now.
        PermanentFailure: it was refused, or may have arrived.
    """
    rows = type(row)._default_manager.filter(pk=row.pk)  # noqa: SLF001 - Django's public name
    if not rows.filter(begun_at=None).update(begun_at=now):
        raise PermanentFailure(IN_DOUBT)
    try:
        carrier().send(letter)
    except MayBeDone as error:
        raise PermanentFailure(IN_DOUBT) from error
    except TemporaryFailure:
        rows.update(begun_at=None)
        raise
