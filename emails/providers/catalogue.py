"""The providers that mailings can go through, with what each takes of a mail and of a call.

Megabytes are counted as 1,000,000 bytes where a provider does not say: the smaller reading is always taken.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.http import HttpRequest

from emails.providers import answers, backends
from emails.providers.settings import ProviderSettings, provider_settings
from jobs.models import School

CALL_BYTES = 16_000_000
"""Our own bound of a call with several mails: it is built in memory, once for each worker thread."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What is known of one provider."""

    title: str
    """What pages call it."""
    most_recipients: int
    """Mails of one call."""
    most_mail_bytes: int
    """Of one mail, its files encoded."""
    shares_files: bool
    """Whether a call carries the files once for all of its mails."""
    merge: Mapping[str, str]
    """What stands for each mail's own subject, text and html in a call; empty where mails are separate."""
    backend: type[Any]
    """The anymail backend, and which of its options takes which of our settings."""
    options: Mapping[str, str]
    read: Callable[[Any, list[str]], list[answers.Verdict]]
    """Reads an accepted call's answer for mails to these addresses."""
    webhook: type[Any]
    webhook_option: str
    """The option of the webhook's view that takes the secret which events are proved with."""
    word: Callable[[Any], object]
    """Returns the word in an event by which the provider tells why a mail failed."""
    dead: frozenset[str]
    """Those of its words that mean that no mail to the address can arrive."""
    signed_at: Callable[[HttpRequest], float] | None = None
    """Returns when a request with events was signed, in seconds since 1970; None where none is signed."""


def _signed_by_mailgun(request: HttpRequest) -> float:
    # https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
    if request.content_type == "application/json":
        return float(json.loads(request.body)["signature"]["timestamp"])
    return float(request.POST["timestamp"])


def _bounce_class(event: Mapping[str, Any]) -> object:
    kinds: Mapping[str, Any] = event.get("msys", {})
    return next((about.get("bounce_class") for about in kinds.values()), None)


PROVIDERS = {
    # https://postmarkapp.com/developer/user-guide/send-email-with-api/batch-emails: 500 messages and 50 MB;
    # https://postmarkapp.com/support/article/1056-what-are-the-attachment-and-email-size-limits: 10 MB a
    # mail, encoded. No rate is published: 429 says when to slow down. Its messages are separate in a call.
    "postmark": Provider(
        title="Postmark",
        most_recipients=500,
        most_mail_bytes=10_000_000,
        shares_files=False,
        merge={},
        backend=backends.Postmark,
        options={"server_token": "key", "message_stream": "stream"},
        read=answers.of_postmark,
        webhook=PostmarkTrackingWebhookView,
        webhook_option="webhook_secret",
        word=lambda event: event.get("Type"),
        dead=frozenset({"HardBounce", "BadEmailAddress"}),
    ),
    # https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/batch-sending: 1,000
    # recipients, each with variables; .../send-http: 25 MB a mail. No rate is published: 429.
    "mailgun": Provider(
        title="Mailgun",
        most_recipients=1000,
        most_mail_bytes=25_000_000,
        shares_files=True,
        merge={name: f"%recipient.{name}%" for name in ("subject", "text", "html")},
        backend=backends.Mailgun,
        options={"api_key": "key", "sender_domain": "domain"},
        read=answers.of_mailgun,
        webhook=MailgunTrackingWebhookView,
        webhook_option="webhook_signing_key",
        word=lambda event: event.get("event-data", {}).get("reason"),
        dead=frozenset({"suppress-bounce"}),
        signed_at=_signed_by_mailgun,
    ),
    # https://developers.sparkpost.com/api/transmissions/: 20 MB of text, HTML and files; 420 beyond the
    # account's sending limit, with nothing sent. It names no most of recipients: the number is ours.
    # Three braces: what stands there is not encoded again. Bounce classes 10 and 30: no such mailbox.
    "sparkpost": Provider(
        title="SparkPost",
        most_recipients=1000,
        most_mail_bytes=20_000_000,
        shares_files=True,
        merge={name: f"{{{{{{{name}}}}}}}" for name in ("subject", "text", "html")},
        backend=backends.SparkPost,
        options={"api_key": "key"},
        read=answers.of_sparkpost,
        webhook=SparkPostTrackingWebhookView,
        webhook_option="webhook_secret",
        word=_bounce_class,
        dead=frozenset({"10", "30"}),
    ),
}


def provider_of(school: School) -> Provider | None:
    """Return the provider that mailings of `school` go through; None for the relay."""
    now = provider_settings()
    is_meant = not now.schools or school.slug in now.schools
    return PROVIDERS.get(now.name) if is_meant else None


def moved_bytes(attached_bytes: int, *, school: School, mails: int) -> int:
    """Return how many bytes of files each of `mails` mails of a part costs us to send.

    With the relay that is all of `attached_bytes`; where a call carries the files once, each mail's share.
    """
    provider = provider_of(school)
    if provider is None or not provider.shares_files:
        return attached_bytes
    return -(-attached_bytes // min(mails, provider.most_recipients))


def call_options(provider: Provider, now: ProviderSettings) -> dict[str, Any]:
    """Return what the provider's backend takes of the settings; empty ones are left to its defaults."""
    given = {option: getattr(now, name) for option, name in provider.options.items()}
    given["api_url"] = now.url
    return {option: value for option, value in given.items() if value}
