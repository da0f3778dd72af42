"""One HTTP POST to an address that was looked at: pinned, without redirects, bounded in time and size."""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from time import monotonic

from django.utils.translation import gettext as _

from jobs.addresses import Address
from jobs.sections import Webhooks

MOST_BYTES = 64 * 1024
"""What is read of an answer."""
MOST_ADDRESSES = 3
"""So many of the host's IP addresses are tried."""


class NoAnswer(Exception):
    """The call brought no answer; the message is a sentence."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    """At most 64 KiB; shorter when the rest did not come in time."""


def post(
    address: Address, *, ips: Sequence[str], headers: Mapping[str, str], body: bytes, patience: Webhooks
) -> Answer:
    """Post `body` to the first of `ips` that takes the connection, and return the answer.

    The name is not resolved again; with TLS the certificate must be the name's. A proxy of the
    environment is not used, a redirect is not followed.

    Raises:
        NoAnswer: there was no connection, or no answer in time.
    """
    deadline = monotonic() + patience.call_seconds
    try:
        connected = _connect(address, ips=ips, seconds=patience.connect_seconds)
        with connected, _ending_at(deadline, connected):
            connected.settimeout(patience.read_seconds)
            if isinstance(connected, ssl.SSLSocket):
                connected.do_handshake()
            return _exchange(connected, address, headers=headers, body=body)
    except TimeoutError as error:
        message = _("It did not answer in time.")
        raise NoAnswer(message) from error
    except ssl.SSLCertVerificationError as error:
        message = _("Its certificate is not accepted: {verify_message}.").format(
            verify_message=error.verify_message
        )
        raise NoAnswer(message) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        if monotonic() >= deadline:
            message = _("Its answer took longer than {call_seconds:g} seconds.").format(
                call_seconds=patience.call_seconds
            )
        else:
            message = _("The connection failed or broke before it answered.")
        raise NoAnswer(message) from error


def _connect(address: Address, *, ips: Sequence[str], seconds: float) -> socket.socket:
    """Return a connection, for https one that has yet to shake hands."""
    errors: list[OSError] = []
    for ip in ips[:MOST_ADDRESSES]:
        try:
            plain = socket.create_connection((ip, address.port), timeout=seconds)
        except OSError as error:
            errors.append(error)
        else:
            return plain if address.scheme == "http" else _secured(plain, host=address.host)
    raise errors[0]


def _secured(plain: socket.socket, *, host: str) -> ssl.SSLSocket:
    return _tls().wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)


@cache
def _tls() -> ssl.SSLContext:
    """Return the context that trusts what this machine trusts."""
    return ssl.create_default_context()


def _exchange(
    connected: socket.socket, address: Address, *, headers: Mapping[str, str], body: bytes
) -> Answer:
    connection = http.client.HTTPConnection(address.host, address.port)
    connection.sock = connected
    try:
        every = {"Host": address.host_header, "Connection": "close", **headers}
        connection.request("POST", address.path, body=body, headers=every)
        response = connection.getresponse()
        return Answer(status=response.status, body=_read(response))
    finally:
        connection.close()


def _read(response: http.client.HTTPResponse) -> bytes:
    """Return the beginning of the body; the status alone decides, so a body that breaks is none."""
    try:
        return response.read(MOST_BYTES)
    except http.client.IncompleteRead as error:
        return error.partial
    except (OSError, http.client.HTTPException, ValueError):
        return b""


@contextmanager
def _ending_at(deadline: float, connected: socket.socket) -> Iterator[None]:
    """Break the connection at `deadline`: each read has a limit, but many small ones have none."""

    def hang_up() -> None:
        with suppress(OSError):
            # Not the method of an SSL socket, which another thread reads from at this moment.
            socket.socket.shutdown(connected, socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, deadline - monotonic()), hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
