"""The mail catcher: takes every mail and keeps it in a Maildir, `python -m switchyard.yard.catcher`."""

import argparse
import asyncio
import itertools
import os
import signal
import socket
import time
from functools import partial
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from switchyard.yard.ports import LOOPBACK

LARGEST_MAIL_BYTES = 50 * 1024 * 1024
counter = itertools.count(1)


class Catcher:
    """Keeps each mail as a file, with the envelope in two headers on top."""

    def __init__(self, *, folder: Path) -> None:
        """Keep mails in the Maildir `folder`."""
        self._folder = folder
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd's name)
        """Answer only when the mail is kept."""
        content = envelope.original_content or b""
        recipients = ", ".join(envelope.rcpt_tos)
        headers = f"X-MailFrom: {envelope.mail_from}\r\nX-RcptTo: {recipients}\r\n"
        await asyncio.to_thread(self._keep, headers.encode() + content)
        return "250 OK"

    def _keep(self, mail: bytes) -> None:
        name = maildir_name(now=time.time_ns())
        unfinished = self._folder / "tmp" / name
        unfinished.write_bytes(mail)
        unfinished.rename(self._folder / "new" / name)


def maildir_name(*, now: int) -> str:
    """Return a name that no other mail has, as Python's own mailbox makes them; `now` in nanoseconds.

    Form: https://cr.yp.to/proto/maildir.html, "unique name".
    """
    seconds, rest = divmod(now, 1_000_000_000)
    host = socket.gethostname().replace("/", r"\057").replace(":", r"\072")
    return f"{seconds}.M{rest // 1000}P{os.getpid()}Q{next(counter)}.{host}"


async def catch(*, port: int, folder: Path) -> None:
    """Serve on `port` of loopback until TERM or INT."""
    loop = asyncio.get_running_loop()
    handler = Catcher(folder=folder)
    make = partial(SMTP, handler, data_size_limit=LARGEST_MAIL_BYTES, enable_SMTPUTF8=True, loop=loop)
    server = await loop.create_server(make, LOOPBACK, port)
    stopping = asyncio.Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(asked, stopping.set)
    async with server:
        await stopping.wait()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description="Catches every mail into a Maildir.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(catch(port=arguments.port, folder=arguments.folder))


if __name__ == "__main__":
    main()
