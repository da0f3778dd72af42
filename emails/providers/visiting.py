"""Visiting a provider, if its breaker allows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

from emails import carriers
from emails.providers.settings import provider_settings
from jobs.breakers import Visit, guarding


@contextmanager
def visit_provider(*, use: str, longest_pause_seconds: float | None = None) -> Iterator[Visit]:
    """Visit the provider of the settings within the block, if its breaker allows; each `use` has its own.

    Raises:
        ServiceClosed: it fails and is not asked now.
    """
    provider, longest = provider_settings(), longest_pause_seconds
    service, called = f"provider:{provider.host}/{use}", carriers.title_of(provider.name)
    with guarding(service, now=timezone.now(), longest_pause_seconds=longest, called=called) as visit:
        yield visit
