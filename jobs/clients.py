"""Where a request comes from: an address, and its network without telling which."""

from ipaddress import IPv4Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

IPV6_PREFIX = 64
"""Bits of an IPv6 address that one household or office has; it chooses the rest itself."""


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address: the one that our proxy saw, where one stands before us."""
    forwarded = request.headers.get("x-forwarded-for", "") if settings.BEHIND_PROXY else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def network_of(address: str) -> str:
    """Return a keyed hash of the network of an IP address; of what is none, nothing."""
    try:
        given = ip_address(address)
    except ValueError:
        return ""
    # A socket for both families tells IPv4 addresses within IPv6 ones.
    ip = getattr(given, "ipv4_mapped", None) or given
    whole = str(ip) if isinstance(ip, IPv4Address) else str(IPv6Network((ip, IPV6_PREFIX), strict=False))
    return salted_hmac("emails.code.network", whole, algorithm="sha256").hexdigest()
