"""Delivering: what a worker does with one part of a mailing, and with a test mail.

The order of writes keeps a mail that the relay acknowledged from being sent twice: a row is taken
before the dialogue and settled after it, each in its own guarded UPDATE.
"""

from dataclasses import dataclass

import structlog
from django.utils import timezone

from emails import composing, ledger, merging, single
from emails.ledger import Tally
from emails.models import Mailing, Recipient, RecipientState
from emails.relay import (
    ConnectionLost,
    Deferred,
    Doubtful,
    Refused,
    Relay,
    RelayUnreachable,
    SenderRefused,
)
from emails.sending import recipients_of
from emails.visiting import visit_relay
from jobs.models import Job
from jobs.registry import WorkingPart
from jobs.retries import PermanentFailure, TemporaryFailure

log = structlog.get_logger()

LOSSES_IN_A_ROW = 3
"""After so many broken connections one after the other, the rest of the part waits."""
LOST = "The connection to the mail relay broke before the mail was handed over."
DOUBTFUL = "The connection broke after the mail was handed over; it may or may not have arrived."


def deliver(part: WorkingPart) -> None:
    """Hand over those mails of one part that are still waiting.

    Raises:
        TemporaryFailure: some still wait: the relay was not there or put them off.
        PermanentFailure: the relay takes no mail from our sender.
    """
    mailing = mailing_of(part.job)
    rows = ledger.rows_of(mailing, part.arguments)
    if abandoned := ledger.doubt_abandoned(rows):
        log.warning("recipients_in_doubt", job=part.job.pk, count=abandoned)
    before = ledger.tally(rows)
    part.report(done=before.done, failed=before.failed)
    if before.waiting:
        _deliver_waiting(part, mailing=mailing, before=before)
    after = ledger.tally(rows)
    part.report(done=after.done, failed=after.failed)
    if after.waiting:
        message = f"The mail relay has not taken {after.waiting} of the mails yet; they are tried again."
        raise TemporaryFailure(message)


def deliver_test(job: Job) -> None:
    """Send one mail of the mailing to the person who asked; a worker lost on the way may send it twice.

    Raises:
        TemporaryFailure, PermanentFailure: as `single.send_to`.
    """
    if job.submitted_by is None:
        message = "The person who asked for this test mail is gone."
        raise PermanentFailure(message)
    mailing = mailing_of(job)
    domain = composing.sender_address().rpartition("@")[2]
    single.send_to(
        job.submitted_by,
        letter=letter_of(mailing, prefix="[Test] "),
        values=example_values(mailing),
        message_id=f"<test-{job.pk}-{job.created_at:%Y%m%d%H%M%S%f}@{domain}>",
        enclosure=composing.enclose(mailing.attached_files()),
    )


def mailing_of(job: Job) -> Mailing:
    """Return the mailing that `job` sends or tests."""
    return Mailing.objects.select_related("school", "created_by").get(pk=job.arguments["mailing"])


def letter_of(mailing: Mailing, *, prefix: str = "") -> composing.Letter:
    """Return what all mails of `mailing` have in common.

    Raises:
        PermanentFailure: a merge field that was known when it was saved is known no more.
    """
    try:
        subject, body = merging.read(prefix + mailing.subject), merging.read(mailing.body)
    except merging.WrongTemplate as error:
        raise PermanentFailure(str(error)) from error
    reply_to = mailing.created_by.email if mailing.created_by else ""
    return composing.Letter(subject=subject, body=body, sender_name=mailing.school.name, reply_to=reply_to)


def example_values(mailing: Mailing) -> dict[str, str]:
    """Return the merge values of the first recipient, or examples while there is none."""
    first = next(iter(recipients_of(mailing)), None)
    if first is None:
        return merging.examples(school_name=mailing.school.name)
    return merging.values_of(first, school_name=mailing.school.name)


def _deliver_waiting(part: WorkingPart, *, mailing: Mailing, before: Tally) -> None:
    waiting = ledger.rows_of(mailing, part.arguments).filter(state=RecipientState.WAITING)
    with visit_relay(use="mailings") as relay:
        relay.connect()
        delivery = _Delivery(
            relay=relay,
            letter=letter_of(mailing),
            enclosure=composing.enclose(mailing.attached_files()),
            done=before.done,
            failed=before.failed,
        )
        for recipient in waiting.order_by("pk"):
            part.check()
            delivery.settle(recipient)
            part.report(done=delivery.done, failed=delivery.failed)


@dataclass(kw_only=True)
class _Delivery:
    """The mails of one part on their way over one connection."""

    relay: Relay
    letter: composing.Letter
    enclosure: composing.Enclosure
    done: int
    failed: int
    losses: int = 0

    def settle(self, recipient: Recipient) -> None:
        """Hand over the mail of one recipient and note what became of it."""
        try:
            data = self._compose(recipient)
            to = composing.envelope_address(recipient.address)
        except composing.CannotCompose as error:
            self.failed += recipient.refuse(words=str(error))
            return
        self.relay.connect()
        if recipient.take():
            self._hand_over(recipient, to=to, data=data)

    def _hand_over(self, recipient: Recipient, *, to: str, data: list[bytes]) -> None:
        try:
            words = self.relay.hand_over(sender=composing.sender_address(), recipient=to, data=data)
        except Refused as error:
            self.failed += recipient.refuse(words=str(error))
        except Deferred as error:
            recipient.put_back(words=str(error))
        except ConnectionLost:
            recipient.put_back(words=LOST)
            return self._count_loss()
        except Doubtful:
            self.failed += recipient.doubt(words=DOUBTFUL)
            return self._count_loss()
        except (RelayUnreachable, SenderRefused) as error:
            recipient.put_back(words=str(error))
            raise
        else:
            self.done += recipient.accept(now=timezone.now(), words=words)
        self.losses = 0
        return None

    def _count_loss(self) -> None:
        self.losses += 1
        if self.losses >= LOSSES_IN_A_ROW:
            message = "The mail relay breaks its connections; the rest of the mails is tried again later."
            raise TemporaryFailure(message)

    def _compose(self, recipient: Recipient) -> list[bytes]:
        return composing.compose(
            self.letter,
            name=recipient.name,
            address=recipient.address,
            values=recipient.merge_values,
            message_id=recipient.message_id,
            now=timezone.now(),
            enclosure=self.enclosure,
        )
