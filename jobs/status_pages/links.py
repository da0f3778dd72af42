"""Whole addresses of the status page's own pages, for programs, feeds and mails."""

from django.conf import settings
from django.http import HttpRequest


def whole(path: str, *, request: HttpRequest) -> str:
    """Return the address of `path`: under the platform's own, where that is set, else as it was asked for."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)
