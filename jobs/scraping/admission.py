"""Who may read the metrics: who knows METRICS_TOKEN, or without one, who asks on this machine itself.

A proxy on this machine must not let the world in by mistake. So without a token nothing is told to who
comes through one, as its headers show, or asks for another name than this machine's own.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings

FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


@dataclass(frozen=True)
class Refusal:
    """Why the metrics are not told."""

    status: int
    says: str

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says to a program."""
        return {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}  # noqa: PLR2004  (HTTP's number)


WRONG_TOKEN = Refusal(401, "Send the header Authorization: Bearer and the METRICS_TOKEN of the settings.\n")
NOT_FROM_HERE = Refusal(
    403, "Without METRICS_TOKEN the metrics are told on this machine only, and not through a proxy.\n"
)


def refusal(*, headers: Mapping[str, str], client: str) -> Refusal | None:
    """Say why a request with these headers from the address `client` is refused; None if it is not."""
    given = {name.lower(): value for name, value in headers.items()}
    token = settings.METRICS_TOKEN
    if token:
        sent = given.get("authorization", "").encode()
        return None if hmac.compare_digest(sent, f"Bearer {token}".encode()) else WRONG_TOKEN
    is_direct = not any(name in given for name in FORWARDED)
    return (
        None if is_direct and _is_here(client) and _is_here(_name(given.get("host", ""))) else NOT_FROM_HERE
    )


def _name(host: str) -> str:
    """Return the host without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
