"""Telling a webhook of the status page: signed and called as those of schools, never a private address."""

import json

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from standardwebhooks import Webhook

from jobs import addresses, calling
from jobs.breakers import guarding
from jobs.calling import NoAnswer
from jobs.models import IncidentUpdate, StatusSubscriber
from jobs.retries import PermanentFailure, TemporaryFailure
from jobs.settings import switchyard
from jobs.status.news import message_to

GONE = 410
REFUSED = gettext_lazy("It answered {status} in place of a success (200 to 299).")


def deliver(*, subscriber_id: int, update_id: int | None) -> None:
    """Tell a webhook of an update, or ask it. May run twice: the receiver knows the message by its id.

    Raises:
        PermanentFailure: it leads into a private network, or wants no more messages.
        TemporaryFailure: it was not taken, and is tried again.
        ServiceClosed: its host fails and is not asked now.
    """
    subscriber = StatusSubscriber.objects.filter(pk=subscriber_id).first()
    update = (
        IncidentUpdate.objects.select_related("incident").filter(pk=update_id).first() if update_id else None
    )
    if subscriber is None or (update_id and update is None):
        return
    address = addresses.read_address(subscriber.url)
    body, headers = _signed(subscriber, update)
    patience = switchyard().webhooks
    with guarding(f"webhook:{address.host}:{address.port}", now=timezone.now()) as visit:
        try:
            with visit.asking():
                ips = addresses.resolve(address, allowed_private_hosts=patience.allowed_private_hosts)
                answer = calling.post(address, ips=ips, headers=headers, body=body, patience=patience)
        except (addresses.HostUnknown, NoAnswer) as error:
            visit.failed(str(error), now=timezone.now())
            raise TemporaryFailure(str(error)) from error
        visit.worked()
    if answer.status == GONE:
        StatusSubscriber.objects.filter(pk=subscriber.pk).delete()
        message = _("It answered 410, which says that it wants no more messages, so it was forgotten.")
        raise PermanentFailure(message)
    if not 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's own numbers
        raise TemporaryFailure(REFUSED.format(status=answer.status))


def _signed(subscriber: StatusSubscriber, update: IncidentUpdate | None) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(message_to(subscriber, update), separators=(",", ":"))
    now = timezone.now()
    message_id = f"msg_{subscriber.pk}_{update.code if update else 'confirm'}"
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Switchyard",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(subscriber.secret).sign(message_id, now, body),
    }
    return body.encode(), headers
