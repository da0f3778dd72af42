"""Django's way to send mail (`send_mail`, `EmailMessage.send`), through the mail writer.

Set `EMAIL_BACKEND = "emails.backend.EmailBackend"`: other code gains kept-open connections, attachments
that are encoded once, DKIM and the breaker, without a change.
"""

import smtplib
from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

import structlog
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.translation import gettext_noop

from emails import composing
from emails.adopting import adopted
from emails.relay import Relay
from emails.signers import signer_of
from emails.smtp.dialogue import ConnectionLost, Deferred, Doubtful, Refused
from emails.visiting import visit_relay
from jobs.retries import PermanentFailure, TemporaryFailure

log = structlog.get_logger()

FACTS = (
    composing.CannotCompose,
    ConnectionLost,
    Deferred,
    Doubtful,
    PermanentFailure,
    Refused,
    TemporaryFailure,
)


class NotSent(smtplib.SMTPException):
    """The relay did not take a mail, or (see its cause, `Doubtful`) nobody knows whether it did."""


class EmailBackend(BaseEmailBackend):
    """Sends to the relay of the settings. There is no ledger: who calls again may send twice."""

    def __init__(self, *, fail_silently: bool = False, **given: Any) -> None:
        """Take what Django's own backend takes, but no relay or sign-in other than the settings'.

        Raises:
            TypeError: another relay or sign-in is asked for.
        """
        super().__init__(fail_silently=fail_silently)
        asked = [name for name, value in given.items() if value is not None]
        if asked:
            message = f"This backend uses the relay of the settings; leave out {', '.join(asked)}."
            raise TypeError(message)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send the mails over one connection and return how many the relay took.

        Raises:
            NotSent: the first that it did not take, unless `fail_silently`.
        """
        try:
            with visit_relay(use=gettext_noop("other mails")) as relay:
                return sum(self._is_sent(mail, relay) for mail in email_messages if mail.recipients())
        except TemporaryFailure as error:
            return self._fail(error)

    def _is_sent(self, mail: EmailMessage, relay: Relay) -> int:
        try:
            _send(mail, relay)
        except FACTS as error:
            return self._fail(error)
        return 1

    def _fail(self, error: Exception) -> int:
        if self.fail_silently:
            return 0
        raise NotSent(str(error)) from error


def _send(mail: EmailMessage, relay: Relay) -> None:
    sender = composing.envelope_address(parseaddr(mail.from_email)[1])
    recipients = tuple(composing.envelope_address(parseaddr(to)[1]) for to in mail.recipients())
    signer = signer_of(sender.rpartition("@")[2])
    with adopted(mail) as unsigned:
        message = signer.signed(unsigned, now=timezone.now()) if signer else unsigned
        envelope = message.envelope(sender=sender, recipients=recipients)
        relay.admit(envelope)
        relay.open(envelope)
        if refused := relay.refused_recipients():
            log.warning("recipients_refused", count=len(refused))
        relay.hand_over(message)
