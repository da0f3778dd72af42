"""Addresses that a school gives us to call: where they lead, and that this is no place of our own network.

Whoever may name an address must not reach through us what they cannot reach themselves (server-side
request forgery, CWE-918). So every address that a name resolves to must be public, and the call goes
to the addresses that were looked at, without resolving the name again.
"""

import ipaddress
import re
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from django.utils.translation import gettext as _

from jobs.retries import PermanentFailure, TemporaryFailure

PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
PATH_SAFE = "/%:@!$&'()*+,;=-._~?"
NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Addresses that a gateway translates to the IPv4 address in their last 32 bits (RFC 6052)."""

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class WrongAddress(PermanentFailure):
    """It is no address that we can call."""


class PrivateAddress(PermanentFailure):
    """It leads into a private network."""


class HostUnknown(TemporaryFailure):
    """Nobody knows the host at this moment."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where to call."""

    scheme: str
    """`http` or `https`."""
    host: str
    """A name or an IP address, in lower case."""
    port: int
    path: str
    """With the query."""

    @property
    def host_header(self) -> str:
        """The host as HTTP names it, with the port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def read_address(url: str) -> Address:
    """Return the parts of `url`.

    Raises:
        WrongAddress: it is no plain http or https address.
    """
    if any(sign.isspace() or not sign.isprintable() or sign == "\\" for sign in url):
        message = _("Write the address without spaces and backslashes.")
        raise WrongAddress(message)
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
        host = _host_of(parts)
    except ValueError as error:
        message = _("Its host or port cannot be read; write an address such as https://example.edu/hooks.")
        raise WrongAddress(message) from error
    if parts.scheme not in PORTS:
        message = _("Write an address that begins with https:// or http://.")
        raise WrongAddress(message)
    if "@" in parts.netloc:
        message = _("Leave out the name and the password before the host: every message is signed.")
        raise WrongAddress(message)
    path = quote(parts.path or "/", safe=PATH_SAFE) + (
        f"?{quote(parts.query, safe=PATH_SAFE)}" if parts.query else ""
    )
    return Address(scheme=parts.scheme, host=host, port=port, path=path)


def resolve(address: Address, *, allowed_private_hosts: Collection[str] = ()) -> list[str]:
    """Return the IP addresses of the host; all of them are public, unless the host is an allowed one.

    Asks the system's resolver, which may take some seconds.

    Raises:
        HostUnknown: there is none now.
        PrivateAddress: one of them is not public.
    """
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        message = _("The host {host} is not known.").format(host=address.host)
        raise HostUnknown(message) from error
    ips = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if address.host not in allowed_private_hosts and not all(is_public(ip) for ip in ips):
        message = _("The host {host} lies in a private network, which webhooks do not reach.").format(
            host=address.host
        )
        raise PrivateAddress(message)
    return ips


def is_public(ip: str) -> bool:
    """Say whether the whole internet reaches `ip`; an IPv6 address that stands for IPv4 is judged by that."""
    parsed = ipaddress.ip_address(ip)
    return all(map(_is_public, _stood_for(parsed) or (parsed,)))


def _is_public(ip: IpAddress) -> bool:
    is_special = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback or ip.is_link_local
    return ip.is_global and not is_special


def _stood_for(ip: IpAddress) -> Sequence[IpAddress]:
    """Return the IPv4 addresses within an IPv6 one: mapped, 6to4, Teredo, NAT64."""
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    nat64 = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF) if ip in NAT64 else None
    found = (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ()), nat64)
    return [each for each in found if each is not None]


def _host_of(parts: SplitResult) -> str:
    """Return the host in lower case and in ASCII.

    Raises:
        ValueError: it is no host.
    """
    host = (parts.hostname or "").removesuffix(".")
    if ":" in host:
        return str(ipaddress.IPv6Address(host.partition("%")[0]))
    host = host.encode("idna").decode().lower()
    if not HOST.fullmatch(host):
        message = f"{host!r} is no host."
        raise ValueError(message)
    return host
