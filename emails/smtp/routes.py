"""The way to a relay: where it is, and how it is spoken to."""

import re
import ssl
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

Tls = Literal["none", "starttls", "implicit"]
LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?=.{{1,255}}\Z)(?:{LABEL}\.)*(?=[0-9-]*[a-z]){LABEL}", re.IGNORECASE)
"""Its last label has a letter: four numbers are an IP address."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """A relay and the manner of speaking to it; equal routes share their connections."""

    host: str
    port: int
    local_name: str
    """How we greet it."""
    tls: Tls = "none"
    ca_file: str = ""
    """PEM file of the authority that vouches for the relay; empty for those of the system."""
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 30
    """Longest silence before a reply, and longest wait for room while sending, in seconds."""
    verdict_seconds: float = 120
    """Longest silence after the final dot, when the relay looks at the mail, in seconds."""
    chunking: bool = False
    """Use BDAT (RFC 3030) where the relay offers it."""


def is_local_name(value: str) -> bool:
    """Say whether a relay may be greeted as `value`: a domain, or an IP address in brackets.

    RFC 5321, 4.1.1.1 and 4.1.3: `mail.example`, `[192.0.2.7]` or `[IPv6:2001:db8::7]`.
    """
    if not (value.startswith("[") and value.endswith("]")):
        return DOMAIN.fullmatch(value) is not None
    inner = value[1:-1]
    version, address = (IPv6Address, inner[5:]) if inner.startswith("IPv6:") else (IPv4Address, inner)
    try:
        version(address)
    except ValueError:
        return False
    return "%" not in address


@cache
def tls_context(ca_file: str) -> ssl.SSLContext:
    """Return what proves that a relay is the one it claims to be."""
    return ssl.create_default_context(cafile=ca_file or None)
