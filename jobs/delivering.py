"""Delivering one webhook message: signed, to an address that is looked at anew, and what its answer means.

The signature is that of Standard Webhooks (https://www.standardwebhooks.com, version 1.0.0), whose
own library makes it.
"""

import json
from datetime import UTC, datetime

import structlog
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from standardwebhooks import Webhook

from jobs import addresses, calling
from jobs.breakers import Visit, guarding
from jobs.calling import Answer, NoAnswer
from jobs.models import WebhookDelivery, WebhookEndpoint
from jobs.retries import PermanentFailure, TemporaryFailure
from jobs.settings import switchyard

log = structlog.get_logger()

ANSWER_KEPT = 500
"""Bytes of an answer that are kept."""
GONE = 410
SERVER_TROUBLE = frozenset({502, 503, 504})
"""What a server answers when it fails as a whole; any other answer is about this one message."""
REDIRECT = gettext_lazy(
    "It answered {status}, which leads to another address. Redirects are not followed: add that "
    "address in place of this one."
)
REFUSED = gettext_lazy("It answered {status} in place of a success (200 to 299).")
SWITCHED_OFF = gettext_lazy(
    "It answered 410, which says that it wants no more messages, so this webhook was switched off."
)


def deliver(*, delivery_id: int) -> None:
    """Deliver a message, unless it was delivered already. May run twice: the receiver knows it by its id.

    Raises:
        PermanentFailure: the webhook is gone, switched off, or leads into a private network.
        TemporaryFailure: it was not taken, and is tried again.
        ServiceClosed: its host fails and is not asked now.
    """
    found = WebhookDelivery.objects.select_related("endpoint").filter(pk=delivery_id).first()
    if found is None:
        message = _("The webhook was deleted.")
        raise PermanentFailure(message)
    if found.delivered_at is not None:
        return
    if not found.endpoint.is_enabled:
        message = _("The webhook is switched off.")
        raise PermanentFailure(message)
    address = addresses.read_address(found.endpoint.url)
    service = f"webhook:{address.host}:{address.port}"
    with guarding(service, now=timezone.now()) as visit:
        answer = _call(found, address, visit=visit)
    _settle(found, answer)


def signed(delivery: WebhookDelivery, *, now: datetime) -> tuple[bytes, dict[str, str]]:
    """Return the message's body and its headers, signed for an attempt at `now` by each secret in force."""
    body = json.dumps(delivery.payload, separators=(",", ":"))
    at = now.astimezone(UTC)
    signatures = [
        Webhook(secret).sign(delivery.message_id, at, body) for secret in delivery.endpoint.secrets_at(now)
    ]
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Switchyard",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return body.encode(), headers


def _call(delivery: WebhookDelivery, address: addresses.Address, *, visit: Visit) -> Answer:
    """Make one attempt and return the answer, whatever it says.

    Raises:
        PrivateAddress: for good.
        TemporaryFailure: there was no answer.
    """
    patience = switchyard().webhooks
    body, headers = signed(delivery, now=timezone.now())
    try:
        with visit.asking():
            ips = addresses.resolve(address, allowed_private_hosts=patience.allowed_private_hosts)
            answer = calling.post(address, ips=ips, headers=headers, body=body, patience=patience)
    except addresses.PrivateAddress as error:
        _note_failure(delivery, words=str(error))
        raise
    except (addresses.HostUnknown, NoAnswer) as error:
        visit.failed(str(error), now=timezone.now())
        _note_failure(delivery, words=str(error))
        raise TemporaryFailure(str(error)) from error
    if answer.status in SERVER_TROUBLE:
        visit.failed(REFUSED.format(status=answer.status), now=timezone.now())
    else:
        visit.worked()
    return answer


def _settle(delivery: WebhookDelivery, answer: Answer) -> None:
    """Write down the answer.

    Raises:
        PermanentFailure: it says that the receiver wants no more messages.
        TemporaryFailure: it is no success.
    """
    if 200 <= answer.status < 300:  # noqa: PLR2004 - HTTP's own numbers
        _note_success(delivery, answer)
        return
    is_redirect = 300 <= answer.status < 400  # noqa: PLR2004 - as above
    words = (REDIRECT if is_redirect else REFUSED).format(status=answer.status)
    if answer.status == GONE:
        words = str(SWITCHED_OFF)
        WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(is_enabled=False)
    _note_failure(delivery, words=words, answer=answer)
    if answer.status == GONE:
        raise PermanentFailure(words)
    raise TemporaryFailure(words)


def _note_success(delivery: WebhookDelivery, answer: Answer) -> None:
    now = timezone.now()
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        attempts=F("attempts") + 1, delivered_at=now, status_code=answer.status, answer=_beginning(answer)
    )
    WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(last_success_at=now)
    log.info("webhook_delivered", webhook=delivery.endpoint_id, message=delivery.message_id)


def _note_failure(delivery: WebhookDelivery, *, words: str, answer: Answer | None = None) -> None:
    status = answer.status if answer else None
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        attempts=F("attempts") + 1, status_code=status, answer=_beginning(answer) if answer else words
    )
    WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(
        last_failure_at=timezone.now(), last_failure=words
    )
    log.info(
        "webhook_not_delivered", webhook=delivery.endpoint_id, message=delivery.message_id, status=status
    )


def _beginning(answer: Answer) -> str:
    """Return the beginning of the answer's body as text that PostgreSQL takes."""
    return answer.body[:ANSWER_KEPT].decode("utf-8", "replace").replace("\0", "")
