"""The outside of a replay, in a process of its own: a mail relay and a webhook host, slow or silent as told.

The relay shares its bandwidth between all connections as a full line does, a block each in turn, so that
small mails pass between large ones. Started with `--relay PORT --host PORT --control PORT --record FILE` it
serves until TERM; each line of JSON to the control port changes `Manners` and is answered with `Counts`.
"""

import argparse
import asyncio
import json
import os
import signal
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path

LOOPBACK = "127.0.0.1"
END = b"\r\n.\r\n"
DESK = "@desk.example"
"""Of mails to these addresses the time of acceptance is written down."""
REPLIES = {
    "EHLO": "250-outside\r\n250-PIPELINING\r\n250 SIZE 104857600",
    "DATA": "354 Go on",
    "QUIT": "221 Bye",
}
SMALL_BYTES = 64 << 10
"""So many bytes pass without a turn of their own."""


@dataclass
class Manners:
    """How the outside behaves."""

    delay_seconds: float = 0
    """From the final dot to the relay's answer."""
    bytes_per_second: float = 0
    """Of all the relay's connections together; 0 for no limit."""
    is_relay_silent: bool = False
    is_host_silent: bool = False


@dataclass
class Counts:
    """What came in so far."""

    mails: int = 0
    bytes: int = 0
    relay_connections: int = 0
    relay_silent: int = 0
    """Connections to the relay that were left without an answer."""
    host_calls: int = 0
    host_silent: int = 0


@dataclass
class Outside:
    """Both services."""

    record: int
    manners: Manners = field(default_factory=Manners)
    counts: Counts = field(default_factory=Counts)
    line: "deque[Dialogue]" = field(default_factory=deque)
    """Connections that wait for their turn."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def give_turns(self) -> None:
        """Let the connections in line read on, each when its bytes have passed at the given bandwidth."""
        free_at = time.monotonic()
        while True:
            while not self.line:
                self.wake.clear()
                await self.wake.wait()
            dialogue = self.line.popleft()
            rate = self.manners.bytes_per_second
            passing = dialogue.owed / rate if rate else 0
            dialogue.owed = 0
            free_at = max(free_at, time.monotonic() - 0.01) + passing
            if (left := free_at - time.monotonic()) > 0:
                await asyncio.sleep(left)
            dialogue.go_on()


class Dialogue(asyncio.Protocol):
    """One SMTP connection. It offers PIPELINING, so commands may come along with a mail."""

    def __init__(self, outside: Outside) -> None:
        """Serve as `outside` says."""
        self._outside = outside
        self._rest = b""
        """What was received and not read yet; within a mail its last bytes, which may begin its end."""
        self._is_mail = False
        self._is_thinking = False
        self._recipients: list[str] = []
        self.owed = 0
        """Bytes received since the last turn."""
        self._is_in_line = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, or not."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._outside.counts.relay_connections += 1
        if self._outside.manners.is_relay_silent:
            self._outside.counts.relay_silent += 1
        else:
            self._say("220 outside")

    def data_received(self, data: bytes) -> None:
        """Read commands or a mail."""
        if self._outside.manners.is_relay_silent:
            return
        if self._is_mail:
            self._count(len(data))
        self._rest += data
        self._read()

    def go_on(self) -> None:
        """Read on."""
        self._is_in_line = False
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def _read(self) -> None:
        while not (self._is_mail or self._is_thinking) and b"\r\n" in self._rest:
            line, _, self._rest = self._rest.partition(b"\r\n")
            self._obey(line.decode())
        if self._is_mail:
            _, end, after = self._rest.partition(END)
            self._rest = after if end else self._rest[1 - len(END) :]
            if end:
                self._is_mail, self._is_thinking = False, True
                asyncio.get_running_loop().call_later(self._outside.manners.delay_seconds, self._accept)

    def _obey(self, line: str) -> None:
        verb = line[:4].upper()
        if verb == "RCPT":
            self._recipients.append(line.partition("<")[2].partition(">")[0])
        self._is_mail = verb == "DATA"
        self._say(REPLIES.get(verb, "250 OK"))
        if verb == "QUIT":
            self._transport.close()

    def _count(self, received: int) -> None:
        self._outside.counts.bytes += received
        # What passed while there was no limit is not owed when there is one.
        self.owed = self.owed + received if self._outside.manners.bytes_per_second else 0
        if self.owed > SMALL_BYTES and not self._is_in_line:
            self._is_in_line = True
            self._transport.pause_reading()
            self._outside.line.append(self)
            self._outside.wake.set()

    def _accept(self) -> None:
        now = time.time()
        self._outside.counts.mails += 1
        for address in self._recipients:
            if address.endswith(DESK):
                os.write(self._outside.record, f"{address} {now:.6f}\n".encode())
        self._recipients.clear()
        self._is_thinking = False
        self._say("250 Taken")
        self._read()

    def _say(self, words: str) -> None:
        if not self._transport.is_closing():
            self._transport.write(words.encode() + b"\r\n")


class Call(asyncio.Protocol):
    """One HTTP call."""

    def __init__(self, outside: Outside) -> None:
        """Answer as `outside` says."""
        self._outside = outside

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the call."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._outside.counts.host_calls += 1
        self._outside.counts.host_silent += self._outside.manners.is_host_silent

    def data_received(self, _: bytes) -> None:
        """Say yes, or nothing."""
        if not self._outside.manners.is_host_silent:
            self._transport.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            self._transport.close()


async def serve(*, relay: int, host: int, control: int, record: Path) -> None:
    """Serve on the ports until TERM or INT."""
    loop = asyncio.get_running_loop()
    outside = Outside(record=os.open(record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644))

    async def obey(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            for name, value in json.loads(line).items():
                setattr(outside.manners, name, value)
            writer.write(json.dumps(asdict(outside.counts)).encode() + b"\n")
        writer.close()

    await loop.create_server(lambda: Dialogue(outside), LOOPBACK, relay, backlog=200)
    await loop.create_server(lambda: Call(outside), LOOPBACK, host, backlog=200)
    await asyncio.start_server(obey, LOOPBACK, control)
    stopping = asyncio.Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(asked, stopping.set)
    turns = loop.create_task(outside.give_turns())
    await stopping.wait()
    turns.cancel()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description="A mail relay and a webhook host.")
    for name in ("relay", "host", "control"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--record", type=Path, required=True)
    asyncio.run(serve(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
