"""Asking a relay whether it takes an envelope: in one piece where it offers PIPELINING, else step by step."""

from dataclasses import dataclass

from emails.smtp.lines import CLOSING, Line, LineDead
from emails.smtp.messages import Envelope

ACCEPTED = 2
"""The first digit of a reply that says yes."""
GO_AHEAD = 354
LOWEST_REPLY = 200
RESET, DATA = b"RSET\r\n", b"DATA\r\n"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A reply of the relay."""

    code: int
    words: str
    """The reply in one line, code and all."""

    @property
    def is_yes(self) -> bool:
        """Whether the relay did what it was asked for."""
        return self.code // 100 == ACCEPTED


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What the relay said of an envelope."""

    sender: Answer
    recipients: tuple[Answer, ...]
    """In order; fewer than the envelope has when it was of no use to ask on."""
    data: Answer | None
    """Its go-ahead for the mail; None when it was not asked, as with BDAT."""

    @property
    def no(self) -> Answer | None:
        """What keeps the mail from being sent; None when at least one recipient can have it."""
        if not self.sender.is_yes:
            return self.sender
        if not any(answer.is_yes for answer in self.recipients):
            return self.recipients[0]
        return self.data if self.data and self.data.code != GO_AHEAD else None

    @property
    def awaits_mail(self) -> bool:
        """Whether the relay takes what comes next for a mail."""
        return self.data is not None and self.data.code == GO_AHEAD


def in_one_piece(line: Line, envelope: Envelope, *, resets: bool) -> bytes:
    """Return the commands that ask for `envelope`, after a RSET if the relay has half of another one."""
    return b"".join(
        (
            RESET if resets else b"",
            _sender(line, envelope),
            *map(_recipient, envelope.recipients),
            b"" if line.chunking else DATA,
        )
    )


def ask(line: Line, envelope: Envelope, *, resets: bool, is_sent: bool) -> Answers:
    """Return the relay's answers to `envelope`; with `is_sent` the commands have gone already.

    Raises:
        LineDead: the relay does not answer, or takes its leave.
    """
    if line.pipelining and not is_sent:
        line.send(in_one_piece(line, envelope, resets=resets))
    if resets:
        _answer(line, RESET)
    sender = _answer(line, _sender(line, envelope))
    if not (sender.is_yes or line.pipelining):
        return Answers(sender=sender, recipients=(), data=None)
    recipients = tuple(_answer(line, _recipient(address)) for address in envelope.recipients)
    is_asked = line.pipelining or any(answer.is_yes for answer in recipients)
    data = _answer(line, DATA) if is_asked and not line.chunking else None
    return Answers(sender=sender, recipients=recipients, data=data)


def _answer(line: Line, command: bytes) -> Answer:
    if not line.pipelining:
        line.send(command)
    code, words = line.reply()
    if code == CLOSING or code < LOWEST_REPLY:
        line.close()
        raise LineDead(words)
    return Answer(code=code, words=words)


def _sender(line: Line, envelope: Envelope) -> bytes:
    size = f" SIZE={envelope.size}" if line.tells_size else ""
    has_eight_bits = envelope.is_eight_bit or envelope.needs_utf8
    body = " BODY=8BITMIME" if has_eight_bits and line.takes_eight_bit else ""
    utf8 = " SMTPUTF8" if envelope.needs_utf8 else ""
    return f"MAIL FROM:<{envelope.sender}>{size}{body}{utf8}\r\n".encode()


def _recipient(address: str) -> bytes:
    return f"RCPT TO:<{address}>\r\n".encode()
