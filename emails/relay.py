"""The mail relay of the settings: one connection of the pool at a time, watched by a breaker.

A connection that was used before may have died since. If it does before the relay gave its go-ahead, a new
one takes its place and nothing is lost.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Self

from django.conf import settings
from django.core.mail.utils import DNS_NAME
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from emails import noting
from emails.measures import HANDOVER, weight_of
from emails.settings import mail_settings
from emails.smtp.dialogue import ConnectionLost, Deferred, Dialogue, Doubtful, Refused, SenderRefused
from emails.smtp.lines import Line, RelayAway
from emails.smtp.messages import Envelope, Message
from emails.smtp.pool import pool
from emails.smtp.routes import Route
from jobs.breakers import Visit

BROKEN = _("The mail relay breaks its connections.")


def route_of_settings(*, verdict_seconds: float | None = None) -> Route:
    """Return the way to the relay of the settings."""
    mail = mail_settings()
    return Route(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        local_name=mail.ehlo_name or str(DNS_NAME),
        tls=mail.tls,
        ca_file=mail.ca_file,
        user=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
        timeout_seconds=settings.EMAIL_TIMEOUT,
        verdict_seconds=verdict_seconds or mail.verdict_seconds,
        chunking=mail.chunking,
    )


class Relay:
    """The relay, for one thread. Connects at the first mail and again after a lost connection."""

    def __init__(self, *, visit: Visit, use: str, verdict_seconds: float | None = None) -> None:
        """Start without a connection; `visit` is told how the relay does, `use` has its own connections.

        `verdict_seconds` is how long a whole mail waits for the relay's word, if not as the settings say.
        """
        self._visit = visit
        self._use = use
        self._route = route_of_settings(verdict_seconds=verdict_seconds)
        self._idle_seconds = mail_settings().idle_seconds
        self._has_answered = False
        self._dialogue: Dialogue | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the connection back if it can serve somebody else."""
        self._note_answer()
        if self._dialogue is not None and self._dialogue.is_left_clean():
            pool.give_back(self._dialogue.line, use=self._use, idle_seconds=self._idle_seconds)

    def connect(self) -> Dialogue:
        """Return the dialogue over the open connection, got now if there is none.

        Raises:
            RelayAway: there is no connection to be had now.
        """
        self._note_answer()
        if self._dialogue is None or not self._dialogue.line.is_open:
            self._dialogue = Dialogue(self._line())
        return self._dialogue

    def admit(self, envelope: Envelope) -> None:
        """Refuse what the relay said when it greeted us.

        Raises:
            RelayAway: there is no connection to be had now.
            Refused: as `Dialogue.admit`.
        """
        self.connect().admit(envelope)

    def open(self, envelope: Envelope) -> None:
        """Get the relay's go-ahead for the mail of `envelope`.

        Raises:
            RelayAway, ConnectionLost: it does not answer, also on a new connection, or lets us send nothing.
            Refused, Deferred, SenderRefused: it does not want the mail.
        """
        dialogue = self.connect()
        may_have_died = dialogue.line.has_served
        try:
            self._open(dialogue, envelope)
        except ConnectionLost:
            if not may_have_died:
                self._visit.failed(str(BROKEN), now=timezone.now())
                raise
            self._open_anew(envelope)

    def hand_over(self, message: Message, *, following: Envelope | None = None) -> str:
        """Send the mail whose envelope is open, and return the words with which the relay accepted it.

        The envelope `following`, admitted before, goes along; the next call is then `open` with it.

        Raises:
            Refused, Deferred, ConnectionLost, Doubtful: as `Dialogue.hand_over`.
        """
        dialogue, began = self.connect(), perf_counter()
        try:
            with self._visit.asking():
                words = dialogue.hand_over(message, following=following)
        except (ConnectionLost, Doubtful):
            self._visit.failed(str(BROKEN), now=timezone.now())
            raise
        except (Deferred, Refused):
            self._has_answered = True  # what it says of one mail is no fault of its own
            raise
        finally:
            HANDOVER.observe(perf_counter() - began, weight_of(message.tail.size if message.tail else 0))
        self._has_answered = True
        return words

    def refused_recipients(self) -> dict[str, str]:
        """Return the relay's words on those recipients of the last envelope that it does not take."""
        return self._dialogue.refusals if self._dialogue else {}

    def drop(self) -> None:
        """Hang up, so that the relay forgets an envelope that it gave its go-ahead for."""
        if self._dialogue is not None:
            self._dialogue.line.close()

    def _open_anew(self, envelope: Envelope) -> None:
        self._dialogue = Dialogue(self._new_line())
        try:
            self._open(self._dialogue, envelope)
        except ConnectionLost:
            self._visit.failed(str(BROKEN), now=timezone.now())
            raise

    def _open(self, dialogue: Dialogue, envelope: Envelope) -> None:
        try:
            with self._asking():
                dialogue.open(envelope)
        except (Deferred, Refused, SenderRefused):
            self._has_answered = True
            raise

    def _line(self) -> Line:
        with self._asking():
            return self._heard(pool.take(self._route, use=self._use, idle_seconds=self._idle_seconds))

    def _new_line(self) -> Line:
        with self._asking():
            return self._heard(Line.connect(self._route))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Let the visit know that the relay is asked within the block, and whether it was away."""
        try:
            with self._visit.asking():
                yield
        except RelayAway as error:
            self._visit.failed(str(error), now=timezone.now())
            raise

    def _heard(self, line: Line) -> Line:
        if not line.has_served:  # what an older connection was told may hold no more
            noting.notes.hear(line.offer, route=self._route, now=timezone.now())
        return line

    def _note_answer(self) -> None:
        """Let the visit know that the relay works; only now, because a mail's own row comes first."""
        if self._has_answered:
            self._has_answered = False
            self._visit.worked()
