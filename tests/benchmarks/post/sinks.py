"""The relays of bench-mail, fast enough not to be the limit.

Plain connections meet a sink in C, compiled here, that drops most of a mail unread. TLS meets one in
Python, in two processes that share a port: what it costs is mostly OpenSSL's work, as at any relay.
"""

import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PROCESSES = 2
BUFFER_BYTES = 1 << 18
START_SECONDS = 10
GREETING = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 104857600\r\n"


@dataclass(frozen=True, kw_only=True)
class Sink:
    """A running sink."""

    port: int
    is_tls: bool
    delay_milliseconds: int
    kept: Path
    """The folder of the mails to addresses that begin with "keep", as they came."""


def compiled(folder: Path) -> Path:
    """Compile the sink in C and return the program."""
    program = folder / "sink"
    source = Path(__file__).with_name("sink.c")
    subprocess.run(["gcc", "-O2", "-Wall", "-o", str(program), str(source)], check=True)
    return program


@contextmanager
def plain_sink(*, program: Path, folder: Path, delay_milliseconds: int) -> Iterator[Sink]:
    """Run the sink in C."""
    kept = folder / f"plain-{delay_milliseconds}"
    kept.mkdir()
    port_file = kept / "port"
    process = subprocess.Popen([str(program), str(port_file), str(delay_milliseconds * 1000), str(kept)])
    try:
        deadline = time.monotonic() + START_SECONDS
        while not (port_file.exists() and port_file.read_text().endswith("\n")):
            if time.monotonic() > deadline:
                message = "The sink did not start."
                raise SystemExit(message)
            time.sleep(0.01)
        port = int(port_file.read_text())
        yield Sink(port=port, is_tls=False, delay_milliseconds=delay_milliseconds, kept=kept)
    finally:
        process.kill()
        process.wait()


@contextmanager
def tls_sink(*, certificate: Path, folder: Path, delay_milliseconds: int) -> Iterator[Sink]:
    """Run the sink in Python."""
    kept = folder / f"tls-{delay_milliseconds}"
    kept.mkdir()
    with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
        children = [_fork(server, certificate, kept, delay_milliseconds / 1000) for _ in range(PROCESSES)]
        try:
            port = server.getsockname()[1]
            yield Sink(port=port, is_tls=True, delay_milliseconds=delay_milliseconds, kept=kept)
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)


def _fork(server: socket.socket, certificate: Path, kept: Path, delay_seconds: float) -> int:
    child = os.fork()
    if child:
        return child
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    while True:
        connection, _ = server.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        talk = _Talk(connection, context, kept, delay_seconds)
        threading.Thread(target=talk.run, daemon=True).start()


class _Talk:
    """One connection."""

    def __init__(
        self, connection: socket.socket, context: ssl.SSLContext, kept: Path, delay_seconds: float
    ) -> None:
        self._plain = connection
        self._context = context
        self._kept = kept
        self._delay_seconds = delay_seconds
        self._buffer = bytearray()
        self._room = memoryview(bytearray(BUFFER_BYTES))
        self._replies = bytearray(b"220 sink\r\n")
        self._keeps = False

    def run(self) -> None:
        with suppress(OSError, EOFError, ssl.SSLError):
            self._connection = self._context.wrap_socket(self._plain, server_side=True)
            with self._connection:
                while True:
                    self._obey(self._line())

    def _obey(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"EHLO":
            self._replies += GREETING
        elif verb == b"DATA":
            self._replies += b"354 go ahead\r\n"
            self._take()
        else:
            self._keeps = self._keeps or line.upper().startswith(b"RCPT TO:<KEEP")
            self._replies += b"250 ok\r\n"

    def _take(self) -> None:
        """Read a mail up to its final dot, and keep it if it was sent to be kept."""
        whole: list[bytes] = []
        while (end := self._buffer.find(b"\r\n.\r\n")) < 0:
            sure = max(0, len(self._buffer) - 4)
            if self._keeps:
                whole.append(bytes(self._buffer[:sure]))
            del self._buffer[:sure]
            self._more()
        if self._keeps:
            whole.append(bytes(self._buffer[: end + 5]))
            (self._kept / f"{time.monotonic_ns()}.mail").write_bytes(b"".join(whole))
        del self._buffer[: end + 5]
        self._keeps = False
        self._replies += b"250 taken\r\n"

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            self._more()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _more(self) -> None:
        """Answer what came together, as late as over a long wire, and read on."""
        if self._replies:
            time.sleep(self._delay_seconds)
            self._connection.sendall(self._replies)
            self._replies.clear()
        count = self._connection.recv_into(self._room)
        if not count:
            raise EOFError
        self._buffer += self._room[:count]
