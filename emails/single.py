"""One mail by itself: a code or a test mail."""

from collections.abc import Mapping
from typing import Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from emails import composing
from emails.composing import Composer, Letter
from emails.smtp.dialogue import ConnectionLost, Deferred, Doubtful, Refused
from emails.smtp.tails import AnyTail
from emails.visiting import visit_relay
from jobs.retries import MayBeDone, PermanentFailure, TemporaryFailure

LONGEST_PAUSE_SECONDS = 15
"""Once the relay works again, a code waits no longer than this."""


class Addressee(Protocol):
    """Whom a mail goes to."""

    @property
    def name(self) -> str:
        """The name beside the address; empty for none."""

    @property
    def email(self) -> str:
        """The address."""


def send_to(
    person: Addressee,
    *,
    letter: Letter,
    message_id: str,
    use: str,
    values: Mapping[str, str] | None = None,
    tail: AnyTail | None = None,
    unsubscribe_link: str = "",
) -> None:
    """Hand one mail to `person` over to the relay, on a connection that only mails of this `use` share.

    There is no ledger: who calls again after a failure may send the mail twice.

    Raises:
        TemporaryFailure: the relay could not take it now.
        MayBeDone: nobody knows whether the relay took it.
        PermanentFailure: the relay refused it for good, or it cannot be written.
    """
    try:
        message = Composer.of(letter, tail=tail).compose(
            name=person.name,
            address=person.email,
            values=values or {},
            message_id=message_id,
            now=timezone.now(),
            unsubscribe_link=unsubscribe_link,
        )
        to = composing.envelope_address(person.email)
        with visit_relay(
            use=use, longest_pause_seconds=LONGEST_PAUSE_SECONDS, verdict_seconds=settings.EMAIL_TIMEOUT
        ) as relay:
            relay.open(message.envelope(sender=letter.comes_from, recipients=(to,)))
            relay.hand_over(message)
    except composing.CannotCompose as error:
        raise PermanentFailure(str(error)) from error
    except Refused as error:
        reason = _("The mail relay refused the mail: {error}").format(error=error)
        raise PermanentFailure(reason) from error
    except Doubtful as error:
        reason = _("The mail relay did not say whether it took the mail.")
        raise MayBeDone(reason) from error
    except (ConnectionLost, Deferred) as error:
        reason = _("The mail relay did not take the mail.")
        raise TemporaryFailure(reason) from error
