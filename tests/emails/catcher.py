"""A relay that catches what it accepts."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


class Catcher:
    """What the relay caught, and what it does to some addresses."""

    def __init__(self) -> None:
        """Catch everything."""
        self.caught: list[tuple[str, EmailMessage]] = []
        self.envelopes: list[Envelope] = []
        self.refused: dict[str, str] = {}
        """Reply to RCPT by address."""
        self.refused_after_dot: dict[str, str] = {}
        self.drops_at_rcpt: set[str] = set()
        self.drops_after_dot: set[str] = set()
        self.sender_reply = ""
        self.connections = 0
        self.greeted_by: list[str] = []
        """The name that each connection gave itself."""

    @property
    def addresses(self) -> list[str]:
        """Who got a mail, in order."""
        return [address for address, _ in self.caught]

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        self.greeted_by.append(hostname)
        return responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.sender_reply:
            return self.sender_reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.drops_at_rcpt:
            server.transport.abort()
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        [address] = envelope.rcpt_tos
        if address in self.refused_after_dot:
            return self.refused_after_dot[address]
        assert isinstance(envelope.content, bytes)
        self.envelopes.append(envelope)
        message = message_from_bytes(envelope.content, EmailMessage, policy=policy.default)
        self.caught.append((address, message))
        if address in self.drops_after_dot:
            server.transport.abort()
        return "250 Caught"
