"""A virus scanner for the tests: it speaks clamd's protocol, and finds a mark that is in no real file."""

import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

INFECTED = b"This file is infected, say the tests."
FOUND = "Test-Signature"
LENGTH_BYTES = 4


class Scanner(socketserver.ThreadingTCPServer):
    """A server on a free port of this machine."""

    block_on_close = True

    def __init__(self) -> None:
        """Listen, with a limit of a megabyte a file."""
        super().__init__(("127.0.0.1", 0), _Visit)
        self.most_bytes = 1 << 20
        self.is_silent = False
        self.scanned: list[bytes] = []
        self.ending = threading.Event()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.server_address[1]}"

    def answer_to(self, content: bytes) -> bytes:
        """Return what clamd says of such a file."""
        self.scanned.append(content)
        return f"stream: {FOUND} FOUND".encode() if INFECTED in content else b"stream: OK"


class _Visit(socketserver.StreamRequestHandler):
    server: Scanner

    def handle(self) -> None:
        command = self._up_to_zero()
        if self.server.is_silent:
            self.server.ending.wait()
            return
        if command == b"zPING":
            self.wfile.write(b"PONG\0")
        elif command == b"zINSTREAM":
            self.wfile.write(self._scanned() + b"\0")

    def _scanned(self) -> bytes:
        content = b""
        while length := int.from_bytes(self.rfile.read(LENGTH_BYTES), "big"):
            content += self.rfile.read(length)
            if len(content) > self.server.most_bytes:
                return b"INSTREAM size limit exceeded. ERROR"
        return self.server.answer_to(content)

    def _up_to_zero(self) -> bytes:
        said = b""
        while (byte := self.rfile.read(1)) not in {b"\0", b""}:
            said += byte
        return said


@pytest.fixture
def scanner(settings: Settings) -> Iterator[Scanner]:
    """A scanner that the platform asks."""
    server: Any
    with Scanner() as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        settings.CLAMAV_ADDRESS, settings.CLAMAV_SECONDS = server.address, 20
        yield server
        server.ending.set()
        server.shutdown()
        serving.join()
