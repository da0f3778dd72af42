"""Visiting the mail relay, if its breaker allows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import timezone

from emails import carriers
from emails.relay import Relay
from jobs.breakers import guarding


@contextmanager
def visit_relay(
    *, use: str, longest_pause_seconds: float | None = None, verdict_seconds: float | None = None
) -> Iterator[Relay]:
    """Visit the relay of the settings within the block, if its breaker allows.

    Each `use` has a breaker and connections of its own, so that mails at which the relay hangs up
    close it to nobody else. `longest_pause_seconds`, and
    `verdict_seconds` for its word on a whole mail, are for mails that cannot wait long.

    Raises:
        ServiceClosed: it fails and is not asked now.
    """
    service = f"relay:{settings.EMAIL_HOST}:{settings.EMAIL_PORT}/{use}"
    longest, called = longest_pause_seconds, carriers.title_of(carriers.RELAY)
    with (
        guarding(service, now=timezone.now(), longest_pause_seconds=longest, called=called) as visit,
        Relay(visit=visit, use=use, verdict_seconds=verdict_seconds) as relay,
    ):
        yield relay
