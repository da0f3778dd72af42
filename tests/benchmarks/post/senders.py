"""The senders of bench-mail: ours, Django's in its two usages, and a bare socket as the limit.

Each sends from a thread for each connection, mail after mail until its time is over, and makes every mail
anew for its recipient; only the bare socket sends the same prepared bytes again and again.
"""

import hashlib
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone

from emails import composing, merging
from emails.composing import Composer, Letter
from emails.smtp.dialogue import Dialogue
from emails.smtp.lines import Line
from emails.smtp.messages import Envelope, Message
from emails.smtp.routes import Route
from emails.smtp.spool import Spool
from emails.smtp.tails import Enclosed, Tail
from tests.benchmarks.post.sinks import Sink

SUBJECT = "Messe für {{ first_name }}"
BODY = "Liebe {{ first_name }},\n\nwir laden Sie am 3. März zur Messe ein. {{ major }} ist auch dabei.\n" * 12
SENDER = "careers@switchyard.example"
FILE_NAME = "map.pdf"
DJANGO = "django.core.mail.backends.smtp.EmailBackend"


def values(number: int) -> dict[str, str]:
    """Return what the merge fields become for one recipient."""
    return {"first_name": f"Ana {number}", "major": "Ökonomie"}


class Sender:
    """Sends mails with `content` attached to a sink; see the module."""

    name: ClassVar[str]

    def __init__(self, sink: Sink, content: bytes, *, certificate: Path, spool: Spool) -> None:
        """Prepare what is prepared once for a whole mailing."""
        self.sink = sink
        self.content = content
        self.certificate = certificate
        self.spool = spool

    def run(self, *, connections: int, seconds: float, address: str = "student@x.example") -> float:
        """Return the mails a second that `connections` threads sent together, each one at least.

        The clock starts when every connection has carried its first mail.
        """
        counts = [0] * connections
        failures: list[BaseException] = []
        started: list[float] = []
        ready = threading.Barrier(connections, action=lambda: started.append(time.monotonic()))

        def work(number: int) -> None:
            try:
                mails = self.mails(address=address)
                next(mails)
                ready.wait()
                while not counts[number] or time.monotonic() - started[0] < seconds:
                    next(mails)
                    counts[number] += 1
                mails.close()  # type: ignore[attr-defined]  # it is a generator
            except BaseException as error:  # noqa: BLE001 - told below
                failures.append(error)
                ready.abort()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return sum(counts) / (time.monotonic() - started[0])

    def mails(self, *, address: str) -> Iterator[None]:
        """Send mail after mail over one connection, a step for each that the sink has taken."""
        raise NotImplementedError


class Ours(Sender):
    """The mail writer."""

    name = "ours"

    def mails(self, *, address: str) -> Iterator[None]:
        with ExitStack() as stack:
            tail = stack.enter_context(self.spool.tail([self._enclosed()])) if self.content else None
            dialogue = Dialogue(Line.connect(self._route()))
            stack.callback(dialogue.line.close)
            yield from _talk(dialogue, self._letters(tail, address))

    def _letters(self, tail: Tail | None, address: str) -> Iterator[tuple[Message, Envelope]]:
        letter = Letter(
            subject=merging.read(SUBJECT), body=merging.read(BODY), sender_name="Northfield, Career Office"
        )
        composer = Composer.of(letter, tail=tail)
        number = 0
        while True:
            number += 1
            message = composer.compose(
                name=f"Ana Öz {number}",
                address=address,
                values=values(number),
                message_id=composing.new_message_id(),
                now=timezone.now(),
            )
            yield message, message.envelope(sender=SENDER, recipients=(address,))

    def _route(self) -> Route:
        return Route(
            host="127.0.0.1",
            port=self.sink.port,
            local_name="bench",
            tls="implicit" if self.sink.is_tls else "none",
            ca_file=str(self.certificate) if self.sink.is_tls else "",
        )

    def _enclosed(self) -> Enclosed:
        return Enclosed(
            sha256=hashlib.sha256(self.content).hexdigest(),
            size=len(self.content),
            name=FILE_NAME,
            media_type="application/pdf",
            open=lambda: io.BytesIO(self.content),
        )


def _talk(dialogue: Dialogue, letters: Iterator[tuple[Message, Envelope]]) -> Iterator[None]:
    message, envelope = next(letters)
    dialogue.open(envelope)
    while True:
        following = next(letters)
        dialogue.hand_over(message, following=following[1])
        yield
        message, envelope = following
        dialogue.open(envelope)


class DjangoFresh(Sender):
    """Django's EmailMessage, a connection for each mail: what `send_mail` does."""

    name = "django_fresh"

    def mails(self, *, address: str) -> Iterator[None]:
        number = 0
        while True:
            number += 1
            self._message(number, address, self._connection()).send()
            yield

    def _connection(self) -> EmailBackend:
        connection = get_connection(DJANGO, host="127.0.0.1", port=self.sink.port, use_ssl=self.sink.is_tls)
        assert isinstance(connection, EmailBackend)
        return connection

    def _message(self, number: int, address: str, connection: EmailBackend) -> EmailMessage:
        message = EmailMessage(
            subject=merging.read(SUBJECT).fill(values(number)),
            body=merging.read(BODY).fill(values(number)),
            from_email=f'"Northfield, Career Office" <{SENDER}>',
            to=[f"Ana Öz {number} <{address}>"],
            connection=connection,
        )
        if self.content:
            message.attach(FILE_NAME, self.content, "application/pdf")
        return message


class DjangoShared(DjangoFresh):
    """Django's EmailMessage over one connection, opened once."""

    name = "django_shared"

    def mails(self, *, address: str) -> Iterator[None]:
        connection = self._connection()
        connection.open()
        try:
            number = 0
            while True:
                number += 1
                self._message(number, address, connection).send()
                yield
        finally:
            connection.close()


class BareSocket(Sender):
    """The limit: prepared bytes by `sendall`, the next envelope along with them, replies hardly looked at."""

    name = "socket"

    def mails(self, *, address: str) -> Iterator[None]:
        lines = len(self.content) * 4 // 3 // 76
        body = b"Subject: bare\r\n\r\n" + (b"x" * 76 + b"\r\n") * lines + b"x\r\n.\r\n"
        envelope = b"MAIL FROM:<%b> SIZE=%d\r\nRCPT TO:<%b>\r\nDATA\r\n" % (
            SENDER.encode(),
            len(body) - 3,
            address.encode(),
        )
        whole = body + envelope
        with socket.create_connection(("127.0.0.1", self.sink.port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            replies = connection.makefile("rb")
            _expect(replies.readline, b"220")
            connection.sendall(b"EHLO bench\r\n")
            while not _expect(replies.readline, b"250").startswith(b"250 "):
                pass
            connection.sendall(envelope)
            while True:
                for code in (b"250", b"250", b"354"):
                    _expect(replies.readline, code)
                connection.sendall(whole)
                _expect(replies.readline, b"250")
                yield


def _expect(readline: Callable[[], bytes], code: bytes) -> bytes:
    line = readline()
    assert line.startswith(code), line
    return line


SENDERS: dict[str, type[Sender]] = {
    sender.name: sender for sender in (Ours, DjangoFresh, DjangoShared, BareSocket)
}
