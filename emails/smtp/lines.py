"""One open connection to a relay: made, greeted, encrypted and signed in by the standard library."""

import select
import smtplib
import socket
import ssl
from time import monotonic
from typing import Self

from django.utils.translation import gettext as _

from emails.smtp.offers import Offer
from emails.smtp.routes import Route, tls_context
from jobs.retries import TemporaryFailure

CLOSING = 421
ALIVE = 250
SIGN_INS = frozenset({"PLAIN", "LOGIN", "CRAM-MD5"})
"""What smtplib can do."""


class RelayAway(TemporaryFailure):
    """There is no connection to the relay to be had, or it lets us do nothing."""


class LineDead(Exception):
    """The connection is gone, or the relay took its leave; the message is its words."""


class Line:
    """An open connection. It is closed when anything went wrong on it."""

    def __init__(self, smtp: smtplib.SMTP, route: Route) -> None:
        """Take over the connection of `smtp`."""
        assert smtp.sock is not None  # noqa: S101 - it has just answered
        self.sock: socket.socket = smtp.sock
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.route = route
        self.pipelining = smtp.has_extn("pipelining")
        self.chunking = route.chunking and smtp.has_extn("chunking")
        self.takes_eight_bit = smtp.has_extn("8bitmime")
        self.tells_size = smtp.has_extn("size")
        limit = smtp.esmtp_features.get("size", "")
        self.offer = Offer(
            most_bytes=int(limit) if limit.isdecimal() else 0,
            starttls=route.tls == "starttls" or smtp.has_extn("starttls"),
            chunking=smtp.has_extn("chunking"),
            utf8=smtp.has_extn("smtputf8") and smtp.has_extn("8bitmime"),
        )
        self.has_served = False
        """Whether it carried an envelope before, so that it may have died since."""
        self.used_at = monotonic()
        self._smtp = smtp

    @classmethod
    def connect(cls, route: Route) -> Self:
        """Return a new connection, ready for an envelope.

        Raises:
            RelayAway: none is to be had now; the message says why, without a password.
        """
        try:
            return cls(_greeted(route), route)
        except (smtplib.SMTPException, OSError) as error:
            raise RelayAway(_reason(error)) from error

    @property
    def is_open(self) -> bool:
        """Whether it was not closed by us."""
        return self._smtp.sock is not None

    def send(self, data: bytes) -> None:
        """Send commands.

        Raises:
            LineDead: the connection is gone.
        """
        try:
            self.sock.sendall(data)
        except OSError as error:
            self.close()
            raise LineDead(str(error)) from error

    def reply(self, *, timeout_seconds: float | None = None) -> tuple[int, str]:
        """Return the code of the next reply, and the reply in one line.

        Raises:
            LineDead: there is none.
        """
        try:
            self.sock.settimeout(timeout_seconds or self.route.timeout_seconds)
            code, words = self._smtp.getreply()
            self.sock.settimeout(self.route.timeout_seconds)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise LineDead(str(error)) from error
        self.used_at = monotonic()
        return code, f"{code} {_one_line(words)}"

    def is_alive(self) -> bool:
        """Ask the relay whether it is still there."""
        try:
            self.send(b"NOOP\r\n")
            return self.reply()[0] == ALIVE
        except LineDead:
            return False

    def has_hung_up(self) -> bool:
        """Whether the relay said or closed something while nobody asked; costs no round trip.

        Under TLS a relay may send what is no word of SMTP, so there it is never so.
        """
        if self.route.tls != "none":
            return False
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        return bool(poll.poll(0))

    def quit(self) -> None:
        """Take leave without waiting for the answer, which does not matter any more."""
        try:
            self.sock.settimeout(0)
            self.sock.send(b"QUIT\r\n")
        except OSError:
            pass  # it was gone
        finally:
            self.close()

    def close(self) -> None:
        """Hang up; a mail that was not whole is lost to the relay."""
        self._smtp.close()


def _greeted(route: Route) -> smtplib.SMTP:
    smtp = _called(route)
    try:
        smtp.ehlo_or_helo_if_needed()
        if route.tls == "starttls":
            _require(smtp, "starttls", what=_("encryption (STARTTLS), which the settings ask for"))
            smtp.starttls(context=tls_context(route.ca_file))
            smtp.ehlo_or_helo_if_needed()
        if route.user:
            _require(
                smtp, "auth", among=SIGN_INS, what=_("a sign-in by password, which the settings ask for")
            )
            smtp.login(route.user, route.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _called(route: Route) -> smtplib.SMTP:
    where = (route.host, route.port, route.local_name)
    if route.tls == "implicit":
        context = tls_context(route.ca_file)
        return smtplib.SMTP_SSL(*where, timeout=route.timeout_seconds, context=context)
    return smtplib.SMTP(*where, timeout=route.timeout_seconds)


def _require(smtp: smtplib.SMTP, extension: str, *, what: str, among: frozenset[str] = frozenset()) -> None:
    offered = set(smtp.esmtp_features.get(extension, "").upper().split())
    if not smtp.has_extn(extension) or (among and not among & offered):
        message = _("The mail relay does not offer {what}.").format(what=what)
        raise RelayAway(message)


def _reason(error: Exception) -> str:
    says = _("The mail relay does not answer.")
    match error:
        case smtplib.SMTPAuthenticationError():
            says = _("The mail relay does not let us sign in: it answers {smtp_code}.").format(
                smtp_code=error.smtp_code
            )
        case smtplib.SMTPResponseException():
            says = _("The mail relay turns us away: it answers {smtp_code} {words}").format(
                smtp_code=error.smtp_code, words=_one_line(error.smtp_error)
            )
        case ssl.SSLCertVerificationError():
            why = error.verify_message.rstrip(".")
            says = _("The mail relay does not prove that it is the one of the settings: {why}.").format(
                why=why
            )
        case ssl.SSLError():
            says = _("No encrypted connection to the mail relay comes about.")
        case socket.gaierror():
            says = _("The name of the mail relay is not known.")
        case FileNotFoundError():
            says = _("The file of the authority that vouches for the mail relay is not there.")
    return says


def _one_line(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.replace("\0", "").split())
