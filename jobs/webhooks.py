"""Webhooks of a school: named by its staff, told when its jobs end."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs import addresses, counting, submission
from jobs.drafting import Request
from jobs.models import Job, JobState, Person, School, WebhookDelivery, WebhookEndpoint, make_secret
from jobs.registry import UnknownKind, kind_named
from jobs.settings import switchyard

log = structlog.get_logger()

DELIVER = "webhooks.deliver"
MOST_ENDPOINTS = 10
"""Each of them costs a job for every job of the school."""


class CannotAdd(Exception):
    """The webhook cannot be added; the message is a sentence for the person."""


class CannotRenew(Exception):
    """The secret stays as it is; the message is a sentence for the person."""


def add(*, school: School, url: str, by: Person) -> WebhookEndpoint:
    """Add a webhook with a secret of its own; looks up the address, which may take some seconds.

    Raises:
        CannotAdd: the address is known already, is not one that we call, or there are enough.
    """
    ours = WebhookEndpoint.objects.filter(school=school)
    if ours.filter(url=url).exists():
        message = _("This address is among your webhooks already.")
        raise CannotAdd(message)
    if ours.count() >= MOST_ENDPOINTS:
        message = _("There are {MOST_ENDPOINTS} webhooks already, the most that a school can have.").format(
            MOST_ENDPOINTS=MOST_ENDPOINTS
        )
        raise CannotAdd(message)
    try:
        allowed = switchyard().webhooks.allowed_private_hosts
        addresses.resolve(addresses.read_address(url), allowed_private_hosts=allowed)
    except (addresses.WrongAddress, addresses.PrivateAddress, addresses.HostUnknown) as error:
        raise CannotAdd(str(error)) from error
    endpoint, is_new = WebhookEndpoint.objects.get_or_create(
        school=school, url=url, defaults={"created_by": by}
    )
    if not is_new:
        message = _("This address is among your webhooks already.")
        raise CannotAdd(message)
    return endpoint


def switch(endpoint: WebhookEndpoint, *, on: bool) -> None:
    """Tell the webhook of jobs that end from now on, or no more."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(is_enabled=on)


def renew_secret(endpoint: WebhookEndpoint, *, keep_old: bool, now: datetime) -> None:
    """Sign with a new secret from now on; with `keep_old` beside the old one for `overlap_hours`.

    Raises:
        CannotRenew: an older one still signs, or somebody else renewed it at this moment.
    """
    if keep_old and endpoint.signs_twice(now):
        message = _("The secret before this one still signs. Stop using that first, or wait until its end.")
        raise CannotRenew(message)
    until = now + timedelta(hours=switchyard().webhooks.overlap_hours) if keep_old else None
    before = endpoint.secret
    won = WebhookEndpoint.objects.filter(pk=endpoint.pk, secret=before).update(
        secret=make_secret(), old_secret=before if keep_old else "", old_secret_until=until
    )
    if not won:
        message = _("Somebody else made a new secret just now. Load the page again.")
        raise CannotRenew(message)
    log.info("webhook_secret_renewed", webhook=endpoint.pk, school=endpoint.school_id)


def forget_old_secret(endpoint: WebhookEndpoint) -> None:
    """Sign with the newest secret alone from now on."""
    _forget(WebhookEndpoint.objects.filter(pk=endpoint.pk))


def forget_ended_secrets(*, now: datetime) -> int:
    """Forget the old secrets that sign no more, and return how many; pruning calls it."""
    return _forget(WebhookEndpoint.objects.filter(old_secret_until__lte=now))


def _forget(endpoints: QuerySet[WebhookEndpoint]) -> int:
    return endpoints.update(old_secret="", old_secret_until=None)


def remove(endpoint: WebhookEndpoint) -> None:
    """Delete the webhook and its messages; those on their way are dropped."""
    endpoint.delete()


def send_test(endpoint: WebhookEndpoint, *, by: Person) -> WebhookDelivery:
    """Send a message that says nothing but that it is a test."""
    with transaction.atomic():
        payload = _payload("webhook.test", at=timezone.now(), data={})
        [delivery] = _submit(
            [WebhookDelivery(school=endpoint.school, endpoint=endpoint, payload=payload)], by=by
        )
    return delivery


def tell_end(job: Job) -> None:
    """Tell the school's webhooks that `job` has ended, in the caller's transaction, which ended it.

    A job that is retried and ends again is told again, with a message of its own.
    """
    if job.ended_at is None or not _is_announced(job):
        return
    endpoints = WebhookEndpoint.objects.filter(school_id=job.school_id, is_enabled=True)
    listening = list(endpoints.select_related("school"))
    if listening:
        payload = _payload("job.ended", at=job.ended_at, data=_told_of(job))
        deliveries = [
            WebhookDelivery(school=endpoint.school, endpoint=endpoint, about=job, payload=payload)
            for endpoint in listening
        ]
        _submit(deliveries, by=None)


def _is_announced(job: Job) -> bool:
    try:
        return kind_named(job.kind).is_announced
    except UnknownKind:
        return True


def _told_of(job: Job) -> dict[str, Any]:
    """Return what is told of a job: no title and no error, which may hold names."""
    units = counting.count([job], exactly=True)[job.pk].units
    return {
        "job_id": job.pk,
        "kind": job.kind,
        "state": str(JobState(job.state)),
        "units_total": units.total,
        "units_done": units.done,
        "units_failed": units.failed,
        "units_uncertain": units.uncertain,
        "units_skipped": units.skipped,
        "submitted_at": job.created_at.isoformat(),
        "ended_at": job.ended_at and job.ended_at.isoformat(),
    }


def _payload(event: str, *, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": event, "timestamp": at.isoformat(), "data": data}


def _submit(deliveries: list[WebhookDelivery], *, by: Person | None) -> list[WebhookDelivery]:
    """Write the messages and submit a job for each."""
    WebhookDelivery.objects.bulk_create(deliveries)
    requests = [
        Request(
            kind=DELIVER,
            school=delivery.school,
            by=by,
            arguments={"delivery": delivery.pk},
            key=_key(delivery),
            title=_("Webhook to {host}").format(host=addresses.read_address(delivery.endpoint.url).host),
        )
        for delivery in deliveries
    ]
    for delivery, job in zip(deliveries, submission.submit_many(requests), strict=True):
        delivery.job = job
    WebhookDelivery.objects.bulk_update(deliveries, ["job"])
    return deliveries


def _key(delivery: WebhookDelivery) -> str:
    if delivery.about is None or delivery.about.ended_at is None:
        return f"{delivery.endpoint_id}:{delivery.message_id}"
    # With the time of the end: a job that was retried ends more than once.
    return f"{delivery.endpoint_id}:{delivery.about_id}:{delivery.about.ended_at:%Y%m%d%H%M%S%f}"
