"""One mail by itself: a code or a test mail."""

from collections.abc import Mapping

from django.utils import timezone

from emails import composing
from emails.composing import Enclosure, Letter
from emails.relay import ConnectionLost, Deferred, Doubtful, Refused
from emails.visiting import visit_relay
from jobs.models import Person
from jobs.retries import PermanentFailure, TemporaryFailure

LONGEST_PAUSE_SECONDS = 15
"""Once the relay works again, a code waits no longer than this."""


def send_to(
    person: Person,
    *,
    letter: Letter,
    message_id: str,
    values: Mapping[str, str] | None = None,
    enclosure: Enclosure | None = None,
) -> None:
    """Hand one mail to `person` over to the relay, on a connection of its own.

    There is no ledger: who calls again after a failure may send the mail twice.

    Raises:
        TemporaryFailure: the relay could not take it now, or nobody knows whether it did.
        PermanentFailure: the relay refused it for good, or it cannot be written.
    """
    try:
        data = composing.compose(
            letter,
            name=person.name,
            address=person.email,
            values=values or {},
            message_id=message_id,
            now=timezone.now(),
            enclosure=enclosure,
        )
        with visit_relay(use="single mails", longest_pause_seconds=LONGEST_PAUSE_SECONDS) as relay:
            relay.hand_over(
                sender=composing.sender_address(),
                recipient=composing.envelope_address(person.email),
                data=data,
            )
    except composing.CannotCompose as error:
        raise PermanentFailure(str(error)) from error
    except Refused as error:
        message = f"The mail relay refused the mail: {error}"
        raise PermanentFailure(message) from error
    except (ConnectionLost, Deferred, Doubtful) as error:
        message = "The mail relay did not take the mail; it is tried again."
        raise TemporaryFailure(message) from error
