"""Visiting a provider, if its breaker allows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

from emails.providers.settings import provider_settings
from jobs.breakers import Visit, guarding

PROVIDER = "the mail provider"
"""What pages call it."""


@contextmanager
def visit_provider(*, use: str, longest_pause_seconds: float | None = None) -> Iterator[Visit]:
    """Visit the provider of the settings within the block, if its breaker allows; each `use` has its own.

    Raises:
        ServiceClosed: it fails and is not asked now.
    """
    service = f"provider:{provider_settings().host}/{use}"
    with guarding(
        service, now=timezone.now(), longest_pause_seconds=longest_pause_seconds, called=PROVIDER
    ) as visit:
        yield visit
