"""The messages of a webhook: what became of the latest, and having one tried at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from jobs import lifecycle
from jobs.models import DeliveryState, Part, PartState, Person, WebhookDelivery, WebhookEndpoint


class CannotTry(Exception):
    """The message is not tried now; the text is a sentence for the person."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message with where it stands."""

    delivery: WebhookDelivery
    failure: str
    """Why the last attempt failed, a sentence; empty when it was delivered, or its answer says the same."""
    next_at: datetime | None
    """When it is tried again by itself."""
    waits_for_host: bool
    """Whether its host fails, so that it waits until that answers again."""

    @property
    def can_be_tried(self) -> bool:
        """Whether a person may have it tried at once."""
        waits = self.next_at is not None and not self.waits_for_host and self.delivery.attempts > 0
        return waits or self.delivery.state == DeliveryState.FAILED


def latest(endpoint: WebhookEndpoint, *, limit: int) -> list[Message]:
    """Return the newest messages, newest first; one query."""
    parts = Part.objects.filter(job=OuterRef("job")).order_by("-pk")
    delayed = parts.filter(state=PartState.DELAYED)
    found: QuerySet[WebhookDelivery] = endpoint.deliveries.select_related("about", "job", "endpoint")
    told = found.annotate(
        part_error=Subquery(parts.values("error")[:1]),
        next_at=Subquery(delayed.values("ready_at")[:1]),
        waits_for=Subquery(delayed.values("waits_for")[:1]),
    )
    return [_told(delivery) for delivery in told.order_by("-pk")[:limit]]


def _told(row: Any) -> Message:
    is_open = row.state != DeliveryState.DELIVERED and row.part_error != row.answer
    return Message(
        delivery=row,
        failure=row.part_error or "" if is_open else "",
        next_at=row.next_at,
        waits_for_host=bool(row.waits_for),
    )


def try_now(delivery: WebhookDelivery, *, by: Person, now: datetime) -> None:
    """Have a message tried at once that was given up, or that waits for its next attempt.

    Raises:
        CannotTry: the webhook is off, or the message is on its way or was delivered.
    """
    if not delivery.endpoint.is_enabled:
        message = _("Switch the webhook on first: while it is off, no message is delivered.")
        raise CannotTry(message)
    if delivery.job is None or _is_hurried(delivery, now=now):
        return
    try:
        lifecycle.retry(delivery.job, by=by)
    except lifecycle.CannotChange as error:
        message = _("This message is on its way or was delivered already.")
        raise CannotTry(message) from error


def _is_hurried(delivery: WebhookDelivery, *, now: datetime) -> bool:
    """End the wait for the next attempt, and say whether there was one; supervision wakes the part."""
    waits = Part.objects.filter(job=delivery.job_id, state=PartState.DELAYED, waits_for="", ready_at__gt=now)
    return bool(waits.update(ready_at=now))
