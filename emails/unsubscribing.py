"""Unsubscribing with one click (RFC 8058): a link of each recipient's own, and what it does."""

from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from emails.models import Recipient, SuppressionReason
from emails.suppressing import suppress

SALT = "emails.unsubscribe"


def link_for(recipient_id: int) -> str:
    """Return the address that unsubscribes this recipient; it cannot be guessed and never expires.

    Nothing when the settings do not say where this platform is.
    """
    if not settings.SITE_URL:
        return ""
    token = _signer().sign(str(recipient_id))
    return f"{settings.SITE_URL}{reverse('emails:unsubscribe', args=[token])}"


def recipient_of(token: str) -> Recipient | None:
    """Return the recipient whose link has this `token`; None if we did not make it, or they are pruned."""
    try:
        recipient_id = int(_signer().unsign(token))
    except (BadSignature, ValueError):
        return None
    found: Recipient | None = Recipient.objects.select_related("school").filter(pk=recipient_id).first()
    return found


def unsubscribe(recipient: Recipient, *, now: datetime) -> None:
    """Let the school of `recipient` send no more mailings to their address; may be called twice."""
    suppress(
        school=recipient.school,
        addresses=[recipient.address],
        reason=SuppressionReason.UNSUBSCRIBED,
        now=now,
    )


def _signer() -> Signer:
    return Signer(salt=SALT, sep=".")
