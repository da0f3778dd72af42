"""The mail relay: one SMTP connection, and for each mail an answer that says what is certain.

`smtplib`'s own `sendmail` does not tell a connection that broke before the final dot, when the mail
surely was not taken, from one that broke after it, when nobody knows (RFC 5321, section 6.1).
"""

import re
import smtplib
import socket
from collections.abc import Sequence
from typing import Any, NoReturn, Self

from django.conf import settings
from django.core.mail.utils import DNS_NAME
from django.utils import timezone

from jobs.breakers import Visit
from jobs.retries import PermanentFailure, TemporaryFailure

ACCEPTED = 250
GO_AHEAD = 354
CLOSING = 421
TEMPORARY = 400
PERMANENT = 500
FINAL_DOT = b".\r\n"
LINE_DOT = re.compile(rb"^\.", re.MULTILINE)


class RelayUnreachable(TemporaryFailure):
    """No connection to the relay, or it does not greet us."""


class SenderRefused(PermanentFailure):
    """The relay takes no mail from our sender's address, whoever it is for."""


class Refused(Exception):
    """The relay said for good that it does not take this mail; the message is its words."""


class Deferred(Exception):
    """The relay does not take this mail now; the message is its words."""


class ConnectionLost(Exception):
    """The connection broke before the final dot: the relay has not taken the mail."""


class Doubtful(Exception):
    """The connection broke after the final dot: the relay may have taken the mail."""


def stuffed(data: bytes) -> bytes:
    """Double the dot at the start of each line of `data`, as the DATA command wants it (RFC 5321, 4.5.2)."""
    return LINE_DOT.sub(b"..", data)


class _PromptSMTP(smtplib.SMTP):
    """Sends small chunks at once; else each mail would wait 40 ms for the relay's delayed acknowledgement."""

    def connect(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Connect as the parent does, without Nagle's algorithm."""
        greeting = super().connect(*args, **kwargs)
        if self.sock is not None:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return greeting


UNREACHABLE = "The mail relay does not answer."
BROKEN = "The mail relay breaks its connections."


class Relay:
    """The relay of the settings. Connects at the first mail and again after a lost connection."""

    def __init__(self, *, visit: Visit) -> None:
        """Start without a connection; `visit` is told how the relay does."""
        self._visit = visit
        self._has_answered = False
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take leave of the relay; its answer does not matter any more."""
        self._note_answer()
        if self._smtp is None:
            return
        try:
            self._smtp.quit()
        except (smtplib.SMTPException, OSError):
            self._close()

    def connect(self) -> smtplib.SMTP:
        """Return the open connection, made now if there is none.

        Raises:
            RelayUnreachable: there is no connection to be had now.
        """
        self._note_answer()
        if self._smtp is not None and self._smtp.sock is not None:
            return self._smtp
        try:
            self._smtp = _PromptSMTP(
                settings.EMAIL_HOST,
                settings.EMAIL_PORT,
                local_hostname=str(DNS_NAME),
                timeout=settings.EMAIL_TIMEOUT,
            )
            self._smtp.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError) as error:
            self._close()
            self._visit.failed(UNREACHABLE, now=timezone.now())
            raise RelayUnreachable(UNREACHABLE) from error
        return self._smtp

    def hand_over(self, *, sender: str, recipient: str, data: Sequence[bytes]) -> str:
        """Hand over one mail and return the words with which the relay accepted it.

        `data` is the mail in chunks, dots doubled (`stuffed`), each chunk ending with a line break.

        Raises:
            RelayUnreachable, ConnectionLost: it was not handed over and may be tried again.
            Deferred: the relay said so; may be tried again.
            Refused: the relay refused this recipient or this content for good.
            SenderRefused: the relay refused the sender for good.
            Doubtful: nobody knows.
        """
        try:
            words = self._hand_over(sender=sender, recipient=recipient, data=data)
        except (ConnectionLost, Doubtful):
            self._visit.failed(BROKEN, now=timezone.now())
            raise
        except (Deferred, Refused, SenderRefused):
            self._has_answered = True  # what it says of one mail is no fault of its own
            raise
        self._has_answered = True
        return words

    def _note_answer(self) -> None:
        """Let the visit know that the relay works; only now, because a mail's own row comes first."""
        if self._has_answered:
            self._has_answered = False
            self._visit.worked()

    def _hand_over(self, *, sender: str, recipient: str, data: Sequence[bytes]) -> str:
        size = sum(map(len, data))
        smtp = self._begin(f"FROM:<{sender}>", sender=sender, size=size)
        self._command(smtp, "RCPT", f"TO:<{recipient}>")
        self._command(smtp, "DATA", expected=GO_AHEAD)
        try:
            for chunk in (*data, FINAL_DOT):
                smtp.send(chunk)
        except smtplib.SMTPServerDisconnected as error:
            self._close()
            raise ConnectionLost(str(error)) from error
        return self._verdict(smtp)

    def _begin(self, path: str, *, sender: str, size: int) -> smtplib.SMTP:
        """Name the sender; a relay that closed the connection since the last mail is called once more."""
        was_open = self._smtp is not None
        try:
            return self._name_sender(path, size=size)
        except ConnectionLost:
            if not was_open:
                raise
            return self._name_sender(path, size=size)
        except Refused as error:
            message = f"The mail relay refuses mail from {sender}: {error}"
            raise SenderRefused(message) from error

    def _name_sender(self, path: str, *, size: int) -> smtplib.SMTP:
        smtp = self.connect()
        self._command(smtp, "MAIL", f"{path} SIZE={size}" if smtp.has_extn("size") else path)
        return smtp

    def _command(self, smtp: smtplib.SMTP, verb: str, rest: str = "", *, expected: int = ACCEPTED) -> None:
        try:
            smtp.putcmd(verb, rest)
            code, words = _reply(smtp)
        except smtplib.SMTPServerDisconnected as error:
            self._close()
            raise ConnectionLost(str(error)) from error
        if code // 10 != expected // 10:
            self._give_up(code, words)

    def _verdict(self, smtp: smtplib.SMTP) -> str:
        try:
            code, words = _reply(smtp)
        except smtplib.SMTPServerDisconnected as error:
            self._close()
            raise Doubtful(str(error)) from error
        if code // 100 == ACCEPTED // 100:
            return words
        if code < TEMPORARY:
            self._close()
            raise Doubtful(words)
        return self._give_up(code, words)

    def _give_up(self, code: int, words: str) -> NoReturn:
        """Raise what the reply `code` means, with the connection ready for another mail or closed."""
        if code == CLOSING:
            self._close()
            raise ConnectionLost(words)
        self._reset()
        if code >= PERMANENT:
            raise Refused(words)
        raise Deferred(words)

    def _reset(self) -> None:
        try:
            if self._smtp is not None and self._smtp.rset()[0] != ACCEPTED:
                self._close()
        except (smtplib.SMTPException, OSError):
            self._close()

    def _close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _reply(smtp: smtplib.SMTP) -> tuple[int, str]:
    try:
        code, words = smtp.getreply()
    except smtplib.SMTPResponseException as error:
        raise smtplib.SMTPServerDisconnected(str(error.smtp_error)) from error
    text = words.decode("utf-8", "replace").replace("\0", "")
    return code, f"{code} {' '.join(text.split())}"
