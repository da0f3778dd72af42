"""Unsubscribing with one click (RFC 8058): a link of each recipient's own, and what it does."""

from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from emails import footing
from emails.hashing import hashes_of
from emails.models import Recipient, Suppression, SuppressionReason
from emails.suppressing import suppress
from jobs.links import Links, can_link

LINKS = Links(salt="emails.unsubscribe", page="emails:unsubscribe")
UNDONE = _("The recipient took it back, by the link in a mail.")


class Wish(StrEnum):
    """What a person with such a link can ask for."""

    UNSUBSCRIBE = "unsubscribe"
    UNDO = "undo"


def link_for(recipient_id: int) -> str:
    """Return the address that unsubscribes this recipient; it cannot be guessed and never expires.

    Nothing when the settings do not say where this platform is.
    """
    return LINKS.address(str(recipient_id)) if can_link() else ""


def sample() -> str:
    """Return what stands for such a link where no recipient is; nothing when there are no links."""
    return footing.SAMPLE if can_link() else ""


def recipient_of(token: str) -> Recipient | None:
    """Return the recipient whose link has this `token`; None if we did not make it, or they are pruned."""
    recipient_id = LINKS.read(token)
    if recipient_id is None:
        return None
    found: Recipient | None = Recipient.objects.select_related("school").filter(pk=int(recipient_id)).first()
    return found


def listing_of(recipient: Recipient) -> Suppression | None:
    """Return the entry by which the school of `recipient` sends no mailings to their address, if there is."""
    listed = Suppression.objects.filter(school=recipient.school, removed_at=None)
    found: Suppression | None = listed.filter(hash__in=hashes_of([recipient.address])).first()
    return found


def follow(wish: Wish, *, recipient: Recipient, now: datetime) -> None:
    """Do what the person with the link of `recipient` wants; may be called twice."""
    if wish == Wish.UNSUBSCRIBE:
        unsubscribe(recipient, now=now)
    else:
        undo(recipient, now=now)


def unsubscribe(recipient: Recipient, *, now: datetime) -> None:
    """Let the school of `recipient` send no more mailings to their address; may be called twice."""
    suppress(
        school=recipient.school,
        addresses=[recipient.address],
        reason=SuppressionReason.UNSUBSCRIBED,
        now=now,
    )


def undo(recipient: Recipient, *, now: datetime) -> None:
    """Let the school write to `recipient` again, if it was they who unsubscribed; may be called twice.

    An address that is on the list for another reason stays there.
    """
    entry = listing_of(recipient)
    if entry is not None and entry.reason == SuppressionReason.UNSUBSCRIBED:
        entry.remove(by=None, words=str(UNDONE), now=now)
