"""The dialogue with a relay: envelopes and mails, and after each step what is certain.

Where the relay offers PIPELINING (RFC 2920), an envelope goes in one piece, and the next one along with
the mail before it: one round trip a mail. A mail is whole, and the relay may have taken it, only when
its final dot (or the last byte of its BDAT) has gone; an envelope alone has no effect.
"""

from typing import NoReturn

from django.utils.translation import gettext as _

from emails.smtp.asking import ACCEPTED, Answers, ask, in_one_piece
from emails.smtp.lines import CLOSING, Line, LineDead, RelayAway
from emails.smtp.messages import Envelope, Message, closing_of, stuffed
from emails.smtp.pushing import BrokenOff, push
from emails.smtp.tails import FINAL_DOT
from jobs.retries import PermanentFailure

TEMPORARY, PERMANENT = 400, 500
OUT_OF_STEP, NOT_LET_IN, TOO_LARGE = 503, 530, 552
LAST_WORDS_SECONDS = 1.0
MEGABYTE = 1 << 20


class Refused(Exception):
    """The relay said for good that it does not take this mail; the message is its words."""


class SenderRefused(PermanentFailure):
    """The relay takes no mail from this sender, whoever it is for; the message has its words."""


class Deferred(Exception):
    """The relay does not take this mail now; the message is its words."""


class ConnectionLost(Exception):
    """The connection broke before the mail was whole: the relay has not taken it."""


class Doubtful(Exception):
    """The connection broke when the mail was whole: the relay may have taken it."""


class Dialogue:
    """What is said over one line. After an error it goes on while the line is open."""

    def __init__(self, line: Line) -> None:
        """Speak over `line`, of which the relay expects an envelope."""
        self.line = line
        self.refusals: dict[str, str] = {}
        """What the relay said of those recipients of the last envelope that it does not take."""
        self._resets = False
        self._sent_along: Envelope | None = None
        """An envelope of which the replies are not read yet."""
        self._is_in_mail = False

    def is_left_clean(self) -> bool:
        """Whether the line may serve somebody else; if not, it is closed now."""
        if self._is_in_mail or self._sent_along is not None:
            self.line.close()
        elif self.line.is_open and self._resets:
            self.line.quit()
        return self.line.is_open

    def admit(self, envelope: Envelope) -> None:
        """Refuse what the relay said it would not take, without asking it.

        Raises:
            Refused: the mail is larger than the relay takes, or its address has letters it cannot read.
        """
        most = self.line.offer.most_bytes
        if most and envelope.size > most:
            message = _("The mail relay takes mails up to {most:.1f} MB; this one has {size:.1f} MB.").format(
                most=most / MEGABYTE, size=envelope.size / MEGABYTE
            )
            raise Refused(message)
        if envelope.needs_utf8 and not self.line.offer.utf8:
            message = _("The mail relay takes no addresses with letters beyond ASCII (SMTPUTF8).")
            raise Refused(message)

    def open(self, envelope: Envelope) -> None:
        """Get the relay's go-ahead for the mail of `envelope`; quick if it was sent along before.

        Raises:
            Refused, Deferred, SenderRefused: the relay does not want it.
            RelayAway: it takes no mail from us as our settings are.
            ConnectionLost: it does not answer any more.
        """
        was_sent_along, self._sent_along = self._sent_along is not None, None
        try:
            if not was_sent_along:
                self.admit(envelope)
            answers = self._ask(envelope, is_sent=was_sent_along)
            if was_sent_along and answers.sender.code == OUT_OF_STEP:
                # The relay still held the refused mail before it: ask once more, behind a RSET.
                answers = self._ask(envelope, is_sent=False)
        except LineDead as error:
            raise ConnectionLost(str(error)) from error
        self.line.has_served = True
        self._conclude(answers, envelope)

    def hand_over(self, message: Message, *, following: Envelope | None = None) -> str:
        """Send the mail whose envelope is open, and return the words with which the relay accepted it.

        The envelope `following`, admitted before, goes along where the relay can read it; the next call
        is then `open` with it.

        Raises:
            Refused, Deferred: the relay does not take it.
            ConnectionLost: it has surely not taken it.
            Doubtful: nobody knows.
        """
        along = b""
        if following is not None and self.line.pipelining:
            along = in_one_piece(self.line, following, resets=False)
            self._sent_along = following
        try:
            self._push(message, along=along)
        except BrokenOff as error:
            if not error.may_be_whole:
                self._hear_last_words()
                raise ConnectionLost(str(error)) from error
        self._is_in_mail = False
        return self._verdict()

    def _ask(self, envelope: Envelope, *, is_sent: bool) -> Answers:
        answers = ask(self.line, envelope, resets=self._resets, is_sent=is_sent)
        self._resets = answers.no is not None
        return answers

    def _conclude(self, answers: Answers, envelope: Envelope) -> None:
        no = answers.no
        if no is None:
            self._is_in_mail = True
            replies = zip(envelope.recipients, answers.recipients, strict=True)
            self.refusals = {address: answer.words for address, answer in replies if not answer.is_yes}
            return
        if no.code == NOT_LET_IN:
            # It wants a sign-in or TLS (RFC 4954, RFC 3207): a fault of the settings, not of this mail.
            self.line.close()
            message = _("The mail relay wants what the settings do not give: {no}").format(no=no.words)
            raise RelayAway(message)
        if answers.awaits_mail:
            # It said no and yet waits for a mail: whatever we send now, it might deliver.
            self.line.close()
        if no is answers.sender and no.code >= PERMANENT and no.code != TOO_LARGE:
            message = _("The mail relay refuses mail from {sender}: {no}").format(
                sender=envelope.sender, no=no.words
            )
            raise SenderRefused(message)
        _give_up(no.code, no.words)

    def _push(self, message: Message, *, along: bytes) -> None:
        tail, until = message.tail, message.tail.size if message.tail else 0
        if self.line.chunking:
            before = b"BDAT %d LAST\r\n" % message.size + message.head
        else:
            before = stuffed(message.head) + closing_of(message)
            until += len(FINAL_DOT) if tail else 0
        whole = len(before) + until
        push(self.line.sock, before=before, tail=tail, until=until, after=along, decisive=whole)

    def _verdict(self) -> str:
        try:
            code, words = self.line.reply(timeout_seconds=self.line.route.verdict_seconds)
        except LineDead as error:
            raise Doubtful(str(error)) from error
        if code // 100 == ACCEPTED:
            return words
        if code < TEMPORARY:
            self.line.close()
            raise Doubtful(words)
        if code == CLOSING:
            self.line.close()
            raise ConnectionLost(words)
        return _give_up(code, words)

    def _hear_last_words(self) -> None:
        """Let a relay say why it hung up in the middle of a mail, which it has surely not taken."""
        try:
            code, words = self.line.reply(timeout_seconds=LAST_WORDS_SECONDS)
        except LineDead:
            return
        finally:
            self.line.close()
        if code >= TEMPORARY and code != CLOSING:
            _give_up(code, words)


def _give_up(code: int, words: str) -> NoReturn:
    raise (Refused if code >= PERMANENT else Deferred)(words)
