"""Subscribers of the status page: asked whether they want it, told of updates, forgotten when they say so."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jobs import addresses
from jobs.drafting import Request
from jobs.models import IncidentUpdate, School, StatusSubscriber
from jobs.registry import Kind, kinds
from jobs.routing import lane_for
from jobs.rules import UNITS, Example
from jobs.settings import switchyard
from jobs.submission import submit_many

log = structlog.get_logger()

AGAIN = timedelta(hours=1)
"""An address is asked at most so often whether it wants to be told."""
MOST_ASKED = 100
"""So many addresses that have not answered are asked within that time: nobody floods others through us."""
MOST = 5000
"""Subscribers, at the most."""
UNANSWERED = timedelta(days=2)
"""Whoever has not confirmed by then is forgotten."""
FRESH = timedelta(hours=1)
"""An older update is told to nobody any more: it is news no longer."""
UPDATES_AT_ONCE = 20


class CannotSubscribe(Exception):
    """The address is not asked; the message is a sentence for the person."""


def ask(*, email: str = "", url: str = "", site: str, now: datetime) -> StatusSubscriber | None:
    """Ask an address whether it wants to be told: it gets a link to confirm that.

    Returns the subscriber if it is new; None for one that is known, about which nothing is said to who asks.

    Raises:
        CannotSubscribe: a webhook's address is none that is called, or too many were asked lately.
    """
    if url:
        _require_public(url)
    forget_unanswered(now=now)
    _require_room(now=now)  # of whoever asks, known or not: so nobody learns who is
    known = StatusSubscriber.objects.filter(email=email, url=url).first()
    if known is None:
        try:
            with transaction.atomic():
                made = StatusSubscriber.objects.create(email=email, url=url, site=site, asked_at=now)
                _send([made], None)
        except IntegrityError:  # somebody else asked at this moment
            return None
        return made
    due = StatusSubscriber.objects.filter(pk=known.pk, confirmed_at=None, asked_at__lte=now - AGAIN)
    with transaction.atomic():
        if due.update(asked_at=now):
            _send([StatusSubscriber.objects.get(pk=known.pk)], None)
    return None


def confirm(token: str, *, now: datetime) -> StatusSubscriber | None:
    """Tell the subscriber of `token` of updates from now on; None where there is none."""
    StatusSubscriber.objects.filter(token=token, confirmed_at=None).update(confirmed_at=now)
    return subscriber_of(token)


def subscriber_of(token: str) -> StatusSubscriber | None:
    """Return the subscriber whose links have `token`."""
    return StatusSubscriber.objects.filter(token=token).first()


def forget(token: str) -> None:
    """Forget the subscriber of `token`, with its address."""
    StatusSubscriber.objects.filter(token=token).delete()


def forget_unanswered(*, now: datetime) -> int:
    """Forget who has not confirmed in time; return how many."""
    return StatusSubscriber.objects.filter(confirmed_at=None, asked_at__lt=now - UNANSWERED).delete()[0]


def spread(*, now: datetime) -> int:
    """Submit a job for each subscriber and update that is to be told; return how many updates.

    An update is marked in the same transaction, so it is told once; its jobs are like all others.
    """
    forget_unanswered(now=now)
    with transaction.atomic():
        fresh = IncidentUpdate.objects.filter(spread_at=None, at__gte=now - FRESH).order_by("at", "id")
        updates = list(fresh.select_for_update(skip_locked=True)[:UPDATES_AT_ONCE])
        for update in updates:
            _send(list(StatusSubscriber.objects.filter(confirmed_at__lte=update.at)), update)
        IncidentUpdate.objects.filter(pk__in=[update.pk for update in updates]).update(spread_at=now)
    if updates:
        log.info("updates_spread", updates=len(updates))
    return len(updates)


def _send(subscribers: Sequence[StatusSubscriber], update: IncidentUpdate | None) -> None:
    """Submit a job for each of them; without an `update` it is asked whether it wants to be told."""
    carriers = {kind.carries: kind for kind in kinds() if kind.carries}
    lanes = {channel: _lane_of(kind) for channel, kind in carriers.items()}
    platform = School.objects.platform()
    submit_many(
        [
            Request(
                kind=carriers[each.channel].name,
                lane=lanes[each.channel],
                school=platform,
                by=None,
                arguments={"subscriber": each.pk, **({"update": update.pk} if update else {})},
                key=f"{each.pk}:{update.code if update else f'{each.asked_at:%Y%m%d%H%M%S}'}",
                title=_("Status update") if update else _("Status page: please confirm"),
                units=1,
            )
            for each in subscribers
            if each.channel in carriers
        ]
    )


def _lane_of(kind: Kind) -> str:
    return lane_for(Example(kind=kind.goes_like, school="", sizes={UNITS: 1})).name


def _require_public(url: str) -> None:
    try:
        allowed = switchyard().webhooks.allowed_private_hosts
        addresses.resolve(addresses.read_address(url), allowed_private_hosts=allowed)
    except addresses.WrongAddress as error:
        raise CannotSubscribe(str(error)) from error
    except (addresses.PrivateAddress, addresses.HostUnknown) as error:
        # One sentence for both: strangers learn nothing of the names that are known here.
        message = _("Messages do not reach this host: it is not known, or lies in a private network.")
        raise CannotSubscribe(message) from error


def _require_room(*, now: datetime) -> None:
    asked = StatusSubscriber.objects.filter(confirmed_at=None, asked_at__gt=now - AGAIN).count()
    if asked >= MOST_ASKED or StatusSubscriber.objects.count() >= MOST:
        message = _(
            "Too many have asked for it lately. Please try again in an hour, or use one of the feeds."
        )
        raise CannotSubscribe(message)
