"""Conveying: the mails of one part over one connection, each next envelope along with the current mail.

A row is taken when the relay has given its go-ahead and before the first byte of its mail, and settled as
soon as the relay's word is there, each in its own guarded UPDATE. So a worker that dies leaves at most one
row in doubt, and an envelope that was sent along costs its row nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails import composing, suppressing, unsubscribing
from emails.enclosing import own_tail_of
from emails.linking import FileLinks
from emails.models import Recipient
from emails.owning import NoOwnFile, OwnFiles
from emails.relay import Relay
from emails.return_paths import return_path
from emails.smtp.dialogue import ConnectionLost, Deferred, Doubtful, Refused
from emails.smtp.messages import Envelope, Message
from emails.smtp.own_tails import OwnTail
from emails.smtp.tails import AttachmentChanged, Tail
from jobs.models import School
from jobs.retries import TemporaryFailure

LOSSES_IN_A_ROW = 3
"""After so many broken connections one after the other, the rest of the part waits."""
LOST = gettext_lazy("The connection to the mail relay broke before the mail was handed over.")
DOUBTFUL = gettext_lazy(
    "The connection broke after the mail was handed over; it may or may not have arrived."
)


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A recipient, and the mail that was composed for them."""

    recipient: Recipient
    message: Message
    envelope: Envelope


@dataclass(kw_only=True)
class Conveyance:
    """The mails of one part on their way."""

    school: School
    relay: Relay
    composer: composing.Composer
    links: FileLinks | None = None
    """Where the files are fetched; None when they are attached."""
    own: OwnFiles | None = None
    """Files of each recipient's own; None when the mailing has none."""
    shared: Tail | None = None
    """The tail that the composer has too."""
    check: Callable[[], None]
    """Raises when the part shall stop; asked before each mail is composed."""
    report: Callable[[int, int], None]
    """Told how many are done and how many failed, after each mail."""
    done: int
    failed: int
    losses: int = 0

    def convey(self, recipients: Iterable[Recipient]) -> None:
        """Hand over the mail of each recipient and note what became of it.

        Raises:
            TemporaryFailure: the relay is away or breaks its connections; the rest still waits.
            PermanentFailure: the relay takes no mail from our sender.
        """
        mails = self._mails(recipients)
        current = self._opened(next(mails, None), mails)
        while current is not None:
            following = next(mails, None)
            self._hand_over(current, following=following)
            self.report(self.done, self.failed)
            current = self._opened(following, mails)

    def _mails(self, recipients: Iterable[Recipient]) -> Iterator[Ready]:
        """Compose one after the other; who can get none is settled at once."""
        for recipient in recipients:
            self.check()
            try:
                ready = self._ready(recipient)
                self.relay.admit(ready.envelope)
            except (composing.CannotCompose, Refused, NoOwnFile, AttachmentChanged) as error:
                self.failed += recipient.turn_down(words=str(error))
                continue
            yield ready

    def _ready(self, recipient: Recipient) -> Ready:
        message = self.composer.compose(
            name=recipient.name,
            address=recipient.address,
            values=recipient.merge_values,
            message_id=recipient.message_id,
            now=timezone.now(),
            unsubscribe_link=unsubscribing.link_for(recipient.pk),
            files=self.links.of(recipient.pk) if self.links else (),
            tail=self._own_tail(recipient),
        )
        to = composing.envelope_address(recipient.address)
        envelope = message.envelope(sender=return_path(recipient.pk), recipients=(to,))
        return Ready(recipient=recipient, message=message, envelope=envelope)

    def _own_tail(self, recipient: Recipient) -> OwnTail | None:
        if self.own is None:
            return None
        own = self.own.of(recipient.student_id)
        return own_tail_of(own, boundary=self.composer.boundary, shared=self.shared)

    def _opened(self, mail: Ready | None, others: Iterator[Ready]) -> Ready | None:
        """Return the first of `mail` and the `others` that the relay waits for; None when there is none."""
        while mail is not None:
            try:
                self.relay.open(mail.envelope)
            except Refused as error:
                self.failed += mail.recipient.turn_down(words=str(error))
                self.losses = 0
            except Deferred as error:
                mail.recipient.put_off(words=str(error))
                self.losses = 0
            except ConnectionLost:
                mail.recipient.put_off(words=str(LOST))
                self._count_loss()
            else:
                return mail
            mail = next(others, None)
        return None

    def _hand_over(self, mail: Ready, *, following: Ready | None) -> None:
        recipient = mail.recipient
        if not recipient.take():
            # Another worker has it, or it was suppressed a moment ago; and the relay waits for the mail:
            # it must not get half of one.
            self.relay.drop()
            self.done += suppressing.leave_out(Recipient.objects.filter(pk=recipient.pk), school=self.school)
            return None
        try:
            words = self.relay.hand_over(mail.message, following=following.envelope if following else None)
        except Refused as error:
            self.failed += recipient.refuse(words=str(error))
        except Deferred as error:
            recipient.put_back(words=str(error))
        except ConnectionLost:
            recipient.put_back(words=str(LOST))
            return self._count_loss()
        except Doubtful:
            self.failed += recipient.doubt(words=str(DOUBTFUL))
            return self._count_loss()
        else:
            self.done += recipient.accept(now=timezone.now(), words=words)
        self.losses = 0
        return None

    def _count_loss(self) -> None:
        self.losses += 1
        if self.losses >= LOSSES_IN_A_ROW:
            message = _("The mail relay breaks its connections before it has taken all of the mails.")
            raise TemporaryFailure(message)
