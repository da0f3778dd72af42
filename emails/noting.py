"""Noting what relays offer, for processes that do not speak to them: pages that look at the size of mails.

What a connection heard stays in memory until the thread that writes observations comes by (`jobs.tallying`):
no mail waits for it and none fails by it.
"""

import os
import threading
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from emails.models import RelayOffer
from emails.settings import mail_settings
from emails.smtp.offers import Offer
from emails.smtp.routes import Route
from jobs.sizes import size

log = structlog.get_logger()

AGAIN = timedelta(minutes=5)
"""What did not change is written again after this, so that pages know that it still holds."""
BELIEVED = timedelta(hours=24)
"""What nobody heard again for so long holds no more. A relay's limit that was raised is known with the next
connection for any mail; where a mailing was kept back and nothing else leaves, after this at the latest."""
LARGEST = 2**63 - 1

# Of many processes that connect at once only the first one writes, unless they were told different things.
NOTE = """
INSERT INTO emails_relayoffer AS known (host, port, most_bytes, starttls, chunking, utf8, told_at)
VALUES (%(host)s, %(port)s, %(most_bytes)s, %(starttls)s, %(chunking)s, %(utf8)s, %(told_at)s)
ON CONFLICT (host, port) DO UPDATE SET
    most_bytes = excluded.most_bytes, starttls = excluded.starttls, chunking = excluded.chunking,
    utf8 = excluded.utf8, told_at = excluded.told_at
WHERE known.told_at < excluded.told_at AND (
    known.told_at <= %(stale_at)s
    OR (known.most_bytes, known.starttls, known.chunking, known.utf8)
    <> (excluded.most_bytes, excluded.starttls, excluded.chunking, excluded.utf8)
)
"""

Place = tuple[str, int]
Heard = tuple[Offer, datetime]


class Notes:
    """What this process heard from relays, until it is written."""

    def __init__(self) -> None:
        """Have heard nothing."""
        self._lock = threading.Lock()
        self._pending: dict[Place, Heard] = {}
        self._written: dict[Place, Heard] = {}

    def hear(self, offer: Offer, *, route: Route, now: datetime) -> None:
        """Keep what the relay of `route` offered `now`, unless the same was written a moment ago."""
        place = (route.host, route.port)
        with self._lock:
            written = self._written.get(place)
            if written is None or written[0] != offer or written[1] <= now - AGAIN:
                self._pending[place] = (offer, now)

    def write(self) -> None:
        """Write what was heard; what the database does not take now stays for the next time."""
        with self._lock:
            pending = dict(self._pending)
        for place, heard in pending.items():
            try:
                _note(place, heard)
            except DatabaseError as error:
                log.warning("relay_offer_not_noted", error=type(error).__name__)
                return
            with self._lock:
                self._written[place] = heard
                if self._pending.get(place) == heard:
                    del self._pending[place]

    def forget(self) -> None:
        """Begin anew, whoever held the lock: in a forked child."""
        self._lock = threading.Lock()
        self._pending, self._written = {}, {}


def offer_of_relay(*, now: datetime) -> RelayOffer | None:
    """Return what the relay of the settings offers, if that was heard lately; one query."""
    place = {"host": settings.EMAIL_HOST, "port": settings.EMAIL_PORT}
    found: RelayOffer | None = RelayOffer.objects.filter(**place, told_at__gt=now - BELIEVED).first()
    return found


def in_words(offer: RelayOffer) -> str:
    """Return what ops are told of a relay: how large mails may be, and how they go."""
    mail = mail_settings()
    most = (
        _("mails up to {size}").format(size=size(offer.most_bytes))
        if offer.most_bytes
        else _("mails of any size")
    )
    how = [_over(mail.tls, offer)]
    if mail.chunking:
        how.append(_("in pieces (BDAT)") if offer.chunking else _("in one piece, for it offers no BDAT"))
    said_at = date_format(timezone.localtime(offer.told_at), "j M, H:i")
    says = _("The relay {offer} takes {most}, {how}, as it said on {said_at}.").format(
        offer=offer, most=most, how=", ".join(how), said_at=said_at
    )
    if offer.utf8:
        return says
    return f"{says} {_('It takes no addresses with letters beyond ASCII (SMTPUTF8).')}"


def _over(tls: str, offer: RelayOffer) -> str:
    if tls != "none":
        return _("over TLS")
    return _("without TLS, which it offers") if offer.starttls else _("without TLS")


def _note(place: Place, heard: Heard) -> None:
    host, port = place
    offer, told_at = heard
    told = asdict(offer) | {"most_bytes": min(offer.most_bytes, LARGEST)}
    with connection.cursor() as cursor:
        cursor.execute(
            NOTE, {**told, "host": host, "port": port, "told_at": told_at, "stale_at": told_at - AGAIN}
        )


notes = Notes()
"""Those of this process."""
os.register_at_fork(after_in_child=notes.forget)
