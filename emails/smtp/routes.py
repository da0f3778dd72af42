"""The way to a relay: where it is, and how it is spoken to."""

import ssl
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

Tls = Literal["none", "starttls", "implicit"]


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


@cache
def tls_context(ca_file: str) -> ssl.SSLContext:
    """Return what proves that a relay is the one it claims to be."""
    return ssl.create_default_context(cafile=ca_file or None)
