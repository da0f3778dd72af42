"""The outside: a mail sink that writes down each mail before it says yes, and what it and the kinds wrote.

`python -m tests.faults.outside --port PORT --record FILE` serves until TERM.
"""

import argparse
import asyncio
import os
import signal
from collections import Counter
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from switchyard.yard.ports import LOOPBACK

LARGEST_MAIL_BYTES = 50 << 20
SLOWNESS_SECONDS = 0.02
HEAD_BYTES = 4096


class Sink:
    """Records Message-ID and recipient of each mail on disk, then answers."""

    def __init__(self, record: Path) -> None:
        """Add to the file `record`."""
        self._descriptor = os.open(record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        """Answer only when the mail is on record."""
        head = message_from_bytes((envelope.original_content or b"")[:HEAD_BYTES], policy=policy.default)
        lines = "".join(f"{head['Message-ID']} {to.lower()}\n" for to in envelope.rcpt_tos)
        await asyncio.sleep(SLOWNESS_SECONDS)
        os.write(self._descriptor, lines.encode())
        await asyncio.to_thread(os.fsync, self._descriptor)
        return "250 Kept"


async def serve(*, port: int, record: Path) -> None:
    """Serve on `port` of loopback until TERM or INT."""
    loop = asyncio.get_running_loop()
    make = partial(SMTP, Sink(record), data_size_limit=LARGEST_MAIL_BYTES, enable_SMTPUTF8=True, loop=loop)
    server = await loop.create_server(make, LOOPBACK, port)
    stopping = asyncio.Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(asked, stopping.set)
    async with server:
        await stopping.wait()


def mails(record: Path) -> Counter[tuple[str, str]]:
    """Return how often each mail arrived, by Message-ID and recipient."""
    lines = record.read_text().splitlines() if record.exists() else []
    return Counter((words[0], words[1]) for line in lines if len(words := line.split()) == len(("id", "to")))


def effects(folder: Path) -> list[list[str]]:
    """Return what the fault suite's kinds did, in order, each as its words."""
    path = folder / "effects.log"
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description="Records every mail.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--record", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(serve(port=arguments.port, record=arguments.record))


if __name__ == "__main__":
    main()
