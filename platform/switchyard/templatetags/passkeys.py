"""Whether passkeys can be made where a page was opened: browsers tie them to a name, not to an IP address."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.http import HttpRequest

register = template.Library()


@register.filter
def is_opened_by_number(request: HttpRequest) -> bool:
    """Say whether the browser was given an IP address in place of a name."""
    return _is_number(urlsplit(f"//{request.get_host()}").hostname or "")


@register.filter
def at_the_name(request: HttpRequest) -> str:
    """Return the address of this page by the platform's name; empty where nobody said what that is."""
    site = settings.SITE_URL
    return f"{site}{request.path}" if site and not _is_number(urlsplit(site).hostname or "") else ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
