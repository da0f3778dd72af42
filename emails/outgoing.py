"""Outgoing: the waiting mails of one part leave, by the mail relay or by the school's provider."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from emails import carriers, conveying, linking, owning
from emails.composing import CannotCompose, Composer, Letter
from emails.enclosing import tail_of
from emails.ledger import Tally
from emails.linking import FileLinks
from emails.models import Mailing, Recipient
from emails.providers import catalogue
from emails.providers import conveying as provider_conveying
from emails.providers.catalogue import Provider
from emails.providers.visiting import visit_provider
from emails.providers.writing import Enclosures
from emails.smtp.tails import Tail, new_boundary
from emails.visiting import visit_relay
from jobs.links import can_link
from jobs.models import StoredFile
from jobs.retries import PermanentFailure

USE = gettext_noop("mailings")


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """The mails of one part that wait, and all that is needed to send them."""

    mailing: Mailing
    letter: Letter
    recipients: QuerySet[Recipient]
    before: Tally
    """How those of the part stood."""
    check: Callable[[], None]
    """Raises when the part shall stop."""
    report: Callable[[int, int], None]
    """Told how many are done and how many failed."""

    def convey(self) -> None:
        """Hand over the mail of each recipient and note what became of it.

        Raises:
            TemporaryFailure: the relay or provider is away; the rest still waits.
            NotNow: the provider takes no more for a while.
            PermanentFailure: no mail can be written or sent in the sender's name.
        """
        # A worker that does not know the platform's address can make no links.
        as_links = self.mailing.files_as_links and can_link()
        links = linking.links_of(self.mailing, now=timezone.now()) if as_links else None
        attached = [] if links else self.mailing.attached_files()
        if provider := catalogue.provider_of(self.mailing.school):
            self._by_provider(provider, links=links, attached=attached)
        else:
            self._by_relay(links=links, attached=attached)

    def _by_provider(
        self, provider: Provider, *, links: FileLinks | None, attached: Sequence[StoredFile]
    ) -> None:
        with visit_provider(use=USE) as visit:
            self._note_carrier()
            provider_conveying.Conveyance(
                school=self.mailing.school,
                provider=provider,
                visit=visit,
                letter=self.letter,
                enclosures=Enclosures.of(attached),
                links=links,
                own=owning.of_recipients(self.mailing, self.recipients),
                check=self.check,
                report=self.report,
                done=self.before.done,
                failed=self.before.failed,
            ).convey(self.recipients)

    def _by_relay(self, *, links: FileLinks | None, attached: Sequence[StoredFile]) -> None:
        own = owning.of_recipients(self.mailing, self.recipients)
        with tail_of(attached) as tail, visit_relay(use=USE) as relay:
            self._note_carrier()
            conveying.Conveyance(
                school=self.mailing.school,
                relay=relay,
                composer=_composer(self.letter, tail=tail, has_own=own is not None),
                links=links,
                own=own,
                shared=tail,
                check=self.check,
                report=self.report,
                done=self.before.done,
                failed=self.before.failed,
            ).convey(self.recipients)

    def _note_carrier(self) -> None:
        """Note what mails are handed to, once its breaker lets us."""
        self.mailing.note_carrier(carriers.carrier_of(self.mailing.school))


def _composer(letter: Letter, *, tail: Tail | None, has_own: bool) -> Composer:
    try:
        return Composer.of(letter, tail=tail, boundary=new_boundary() if has_own else "")
    except CannotCompose as error:
        message = _("No mail can be written in this sender's name: {error}").format(error=error)
        raise PermanentFailure(message) from error
