"""Events that a provider tells later of mails: they came back, or their owners complained, or they arrived.

They have the same effects as reports that mail servers send to the mailbox of bounces.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.http import HttpRequest
from django.utils import timezone

from emails import bouncing, unsubscribing
from emails.models import Recipient
from emails.providers.calling import MARK
from emails.providers.catalogue import PROVIDERS, Provider
from emails.providers.settings import provider_settings
from emails.reports import STATUS, Report
from emails.return_paths import recipient_marked

OLDEST = timedelta(days=7)
"""Providers tell an event again for some days at most; an older one is a copy of somebody else's."""
SIGNED_WITHIN = timedelta(hours=12)
"""So far from now a signature's time may be, both ways. Mailgun tells an event again for eight hours, and its
documentation does not say that it signs it anew then."""
UNREADABLE = (AnymailConfigurationError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What anymail lets through of content that holds something else than events."""
TYPE_OF_WORDS = re.compile(r"^\s*(smtp|x-[\w-]+)\s*;", re.IGNORECASE)
NO_MAILBOX = "5.1.0"
"""Status of RFC 3463 for what a provider says in a word of its own: something is wrong with the address."""


class NotConfigured(Exception):
    """We take no events of this provider."""


class NotProved(Exception):
    """The request does not show the secret, or is not signed with it."""


class NotEvents(Exception):
    """The request holds something else than events."""


def read(request: HttpRequest, *, name: str) -> list[AnymailTrackingEvent]:
    """Return the events in a request that claims to come from the provider `name`.

    Raises:
        NotConfigured, NotProved, NotEvents: as they say.
    """
    now = provider_settings()
    if name != now.name or not now.webhook_secret:
        raise NotConfigured
    provider = PROVIDERS[name]
    view = provider.webhook(**{provider.webhook_option: now.webhook_secret})
    try:
        view.run_validators(request)
        if provider.signed_at is not None:
            _require_fresh(provider.signed_at(request), now=timezone.now())
        events: list[AnymailTrackingEvent] = view.parse_events(request)
    except AnymailWebhookValidationFailure as error:
        raise NotProved(str(error)) from error
    except UNREADABLE as error:
        raise NotEvents from error
    return events


def _require_fresh(signed_at: float, *, now: datetime) -> None:
    """Refuse a request whose signature, made at `signed_at` in seconds since 1970, is a copy of an old one.

    Raises:
        NotProved: it was made too long ago, or is to be made yet.
    """
    if abs(now.timestamp() - signed_at) > SIGNED_WITHIN.total_seconds():
        message = "The signature is not of this time."
        raise NotProved(message)


def note_all(events: Iterable[AnymailTrackingEvent], *, name: str, now: datetime) -> None:
    """Note what `events` of the provider `name` say of mails of ours.

    The same may be noted twice. What is old, or about nobody whom we know, is left out.
    """
    for event in events:
        recipient = None if _is_old(event, now=now) else _recipient_of(event)
        if recipient is not None:
            _note(recipient, event, provider=PROVIDERS[name], now=now)


def _is_old(event: AnymailTrackingEvent, *, now: datetime) -> bool:
    return now - _moment_of(event, now=now) > OLDEST


def _moment_of(event: AnymailTrackingEvent, *, now: datetime) -> datetime:
    """Return when it happened; `now` where the event does not tell."""
    at: datetime = event.timestamp or now
    return at.replace(tzinfo=UTC) if timezone.is_naive(at) else at


def _recipient_of(event: AnymailTrackingEvent) -> Recipient | None:
    told = event.metadata
    return recipient_marked(str(told.get(MARK, ""))) if isinstance(told, Mapping) else None


def _note(recipient: Recipient, event: AnymailTrackingEvent, *, provider: Provider, now: datetime) -> None:
    told = bouncing.told_by(provider.title, at=_moment_of(event, now=now), school=recipient.school)
    words = _words(event)
    match event.event_type:
        case EventType.QUEUED | EventType.SENT | EventType.DELIVERED:
            recipient.clear_doubt(now=now, words=f"{told}: {words}")
        case EventType.UNSUBSCRIBED:
            unsubscribing.unsubscribe(recipient, now=now)
        case EventType.COMPLAINED:
            complaint = Report(returned_to=(), is_complaint=True, words=words)
            bouncing.note(recipient, complaint, now=now, told=told)
        case EventType.BOUNCED | EventType.REJECTED | EventType.FAILED:
            failure = _failure(event, provider=provider, words=words)
            bouncing.note(recipient, failure, now=now, told=told)
            if event.reject_reason == RejectReason.UNSUBSCRIBED:
                unsubscribing.unsubscribe(recipient, now=now)


def _failure(event: AnymailTrackingEvent, *, provider: Provider, words: str) -> Report:
    """Return that the mail will not arrive, or was not even sent, because of what is known of the address."""
    is_dead = provider.word(event.esp_event) in provider.dead
    told = STATUS.search(words)
    status = NO_MAILBOX if is_dead else told[0] if told else ""
    return Report(returned_to=(), has_failed=True, status=status, words=words)


def _words(event: Any) -> str:
    """Return what is told, without the type that RFC 3464 puts before the words of a mail server."""
    said = event.mta_response or event.description or f"{event.event_type}."
    return " ".join(TYPE_OF_WORDS.sub("", str(said)).split())
