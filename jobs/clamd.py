"""The protocol of clamd, the scanner of ClamAV: a file goes over a socket, and what was found comes back.

See clamd(8): the command zINSTREAM, then pieces with their length before them, the last one of length 0.
"""

import socket
import time
from contextlib import closing, suppress
from typing import IO

BLOCK_BYTES = 1 << 16
CONNECT_SECONDS = 2.0
LENGTH_BYTES = 4
MOST_REPLY_BYTES = 4096
CLEAN, FOUND, TOO_LARGE = "OK", " FOUND", "size limit exceeded"


class NoAnswer(Exception):
    """The scanner cannot be reached, broke off, or did not answer in time."""


class TooLargeToScan(Exception):
    """The scanner takes no file of this size: its StreamMaxLength is less."""


def scan(content: IO[bytes], *, address: str, seconds: float) -> str:
    """Return the name of what the scanner at `address` finds in `content`; empty if it finds nothing.

    It may take so many `seconds` in all. `address` is `host:port` or the path of a socket.

    Raises:
        NoAnswer: there is no sure answer.
        TooLargeToScan: the file is larger than the scanner is set up for.
    """
    talk = _Talk(address, seconds=seconds)
    with closing(talk):
        # Of a file that is too large the scanner answers while we are still sending, and hangs up.
        with suppress(BrokenPipeError, ConnectionResetError):
            talk.send(b"zINSTREAM\0")
            while block := content.read(BLOCK_BYTES):
                talk.send(len(block).to_bytes(LENGTH_BYTES, "big") + block)
            talk.send(bytes(LENGTH_BYTES))
        return _found(talk.reply())


def ping(*, address: str, seconds: float) -> None:
    """Return once the scanner says that it is there.

    Raises:
        NoAnswer: it does not.
    """
    with closing(_Talk(address, seconds=seconds)) as talk:
        talk.send(b"zPING\0")
        if (said := talk.reply()) != "PONG":
            raise NoAnswer(said)


def _found(reply: str) -> str:
    said = reply.removeprefix("stream: ")
    if TOO_LARGE in said:
        raise TooLargeToScan(said)
    if said.endswith(FOUND):
        return said.removesuffix(FOUND)
    if said != CLEAN:
        raise NoAnswer(said)
    return ""


class _Talk:
    """A connection to the scanner that ends at its time."""

    def __init__(self, address: str, *, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        try:
            self._socket = _connected(address)
        except OSError as error:
            raise NoAnswer(str(error)) from error

    def send(self, what: bytes) -> None:
        try:
            self._socket.settimeout(self._left())
            self._socket.sendall(what)
        except (BrokenPipeError, ConnectionResetError):
            raise
        except OSError as error:
            raise NoAnswer(str(error)) from error

    def reply(self) -> str:
        """Return what the scanner says up to a zero byte, or until it hangs up."""
        said = b""
        try:
            while b"\0" not in said and len(said) < MOST_REPLY_BYTES:
                self._socket.settimeout(self._left())
                if not (block := self._socket.recv(MOST_REPLY_BYTES)):
                    break
                said += block
        except OSError as error:
            raise NoAnswer(str(error)) from error
        return said.split(b"\0")[0].decode(errors="replace").strip()

    def close(self) -> None:
        self._socket.close()

    def _left(self) -> float:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            message = "the scanner took too long"
            raise TimeoutError(message)
        return left


def _connected(address: str) -> socket.socket:
    if address.startswith("/"):
        local = socket.socket(socket.AF_UNIX)
        try:
            local.settimeout(CONNECT_SECONDS)
            local.connect(address)
        except OSError:
            local.close()
            raise
        return local
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS)
