"""What goes over a connection: an envelope, and the mail in its two pieces."""

from dataclasses import dataclass

from emails.smtp.tails import FINAL_DOT, AnyTail


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """Who sends to whom, and what the relay is told of the mail before it comes."""

    sender: str
    recipients: tuple[str, ...]
    """In all but other code's mails exactly one."""
    size: int
    """Bytes of the mail, as SIZE counts them (RFC 1870)."""
    is_eight_bit: bool = False
    """Whether the mail has bytes above 127."""
    has_utf8_header: bool = False
    """Whether its header has them: then it has international addresses."""

    @property
    def needs_utf8(self) -> bool:
        """Whether the relay must offer SMTPUTF8 (RFC 6531)."""
        return self.has_utf8_header or not "".join((self.sender, *self.recipients)).isascii()


@dataclass(frozen=True, kw_only=True)
class Message:
    """One mail: a head of its own, and a tail that others share."""

    head: bytes
    """Ends with CRLF. Dots at the start of lines are not doubled."""
    tail: AnyTail | None = None

    @property
    def size(self) -> int:
        """Bytes of the mail."""
        return len(self.head) + (self.tail.size if self.tail else 0)

    def envelope(self, *, sender: str, recipients: tuple[str, ...]) -> Envelope:
        """Return the envelope in which it goes to `recipients`."""
        return Envelope(
            sender=sender,
            recipients=recipients,
            size=self.size,
            is_eight_bit=not self.head.isascii(),
            has_utf8_header=not self.head.partition(b"\r\n\r\n")[0].isascii(),
        )


def stuffed(head: bytes) -> bytes:
    """Double the dot at the start of each line (RFC 5321, section 4.5.2). A tail has no such lines."""
    if head.startswith(b"."):
        head = b"." + head
    return head.replace(b"\r\n.", b"\r\n..")


def closing_of(message: Message) -> bytes:
    """Return what ends the mail after its head; empty with a tail, whose file holds it."""
    return b"" if message.tail else FINAL_DOT
