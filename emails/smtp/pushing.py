"""Pushing bytes into a connection, with certainty about how far they came when it breaks."""

import socket
import ssl
from collections.abc import Callable

from django.utils.translation import gettext as _

from emails.smtp.tails import AnyTail

TLS_SLICE_BYTES = 1 << 18


class BrokenOff(Exception):
    """The connection broke while bytes were pushed."""

    def __init__(self, *, may_be_whole: bool) -> None:
        """Say whether all that makes the mail whole may have reached the other side."""
        super().__init__(_("The connection broke."))
        self.may_be_whole = may_be_whole


def push(
    sock: socket.socket, *, before: bytes, tail: AnyTail | None, until: int, after: bytes, decisive: int
) -> None:
    """Send `before`, the tail's first `until` bytes, and `after`.

    The first `decisive` bytes of all make the mail whole. The tail goes from the page cache in large windows,
    without a copy of ours: the memory it takes is the same whatever its size.

    Raises:
        BrokenOff: what it says of the mail is exact on a plain connection. Under TLS the mail may be
            whole when the slice with its end was begun.
    """
    pushed = _Pushed(sock)
    try:
        if tail is None:
            pushed.data(before + after)
            return
        pushed.data(before, flags=pushed.more_to_come)
        for window in tail.windows(until=until):
            pushed.data(window)
        pushed.data(after)
    except OSError as error:
        raise BrokenOff(may_be_whole=pushed.at_most >= decisive) from error


class _Pushed:
    """Bytes that went into a connection."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        is_tls = isinstance(sock, ssl.SSLSocket)
        self._send: Callable[[memoryview, int], int] = self._sealed if is_tls else sock.send
        self.more_to_come = 0 if is_tls else socket.MSG_MORE
        self.at_most = 0
        """How many may have gone."""

    def data(self, data: bytes | memoryview, *, flags: int = 0) -> None:
        """Send all of `data`."""
        with memoryview(data) as view:
            start = 0
            while start < len(view):
                with view[start:] as rest:
                    count = self._send(rest, flags)
                start += count
                # TLS has counted a slice before: when it fails, nobody knows how much of it went.
                self.at_most += count if self._send == self._sock.send else 0

    def _sealed(self, rest: memoryview, _flags: int) -> int:
        with rest[:TLS_SLICE_BYTES] as part:
            self.at_most += len(part)
            self._sock.sendall(part)
            return len(part)
