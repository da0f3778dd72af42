"""Outgoing: the waiting mails of one part leave, by the mail relay or by the school's provider."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.utils import timezone

from emails import conveying, linking
from emails.composing import CannotCompose, Composer, Letter
from emails.enclosing import tail_of
from emails.ledger import Tally
from emails.models import Mailing, Recipient
from emails.providers import catalogue
from emails.providers import conveying as provider_conveying
from emails.providers.visiting import visit_provider
from emails.providers.writing import Enclosures
from emails.smtp.tails import Tail
from emails.visiting import visit_relay
from jobs.retries import PermanentFailure

USE = "mailings"


def convey(
    recipients: QuerySet[Recipient],
    *,
    mailing: Mailing,
    letter: Letter,
    before: Tally,
    check: Callable[[], None],
    report: Callable[[int, int], None],
) -> None:
    """Hand over the mails of `recipients`, who wait, and note what became of each.

    `before` is how those of the part stood, `check` raises when it shall stop, `report` is told how many
    are done and failed.

    Raises:
        TemporaryFailure: the relay or provider is away; the rest still waits.
        NotNow: the provider takes no more for a while.
        PermanentFailure: no mail can be written or sent in the sender's name.
    """
    # A worker that does not know the platform's address can make no links.
    as_links = mailing.files_as_links and linking.can_link()
    links = linking.links_of(mailing, now=timezone.now()) if as_links else None
    attached = [] if links else mailing.attached_files()
    if provider := catalogue.provider_of(mailing.school):
        with visit_provider(use=USE) as visit:
            provider_conveying.Conveyance(
                school=mailing.school,
                provider=provider,
                visit=visit,
                letter=letter,
                enclosures=Enclosures.of(attached),
                links=links,
                check=check,
                report=report,
                done=before.done,
                failed=before.failed,
            ).convey(recipients)
        return
    with tail_of(attached) as tail, visit_relay(use=USE) as relay:
        conveying.Conveyance(
            school=mailing.school,
            relay=relay,
            composer=_composer(letter, tail=tail),
            links=links,
            check=check,
            report=report,
            done=before.done,
            failed=before.failed,
        ).convey(recipients)


def _composer(letter: Letter, *, tail: Tail | None) -> Composer:
    try:
        return Composer.of(letter, tail=tail)
    except CannotCompose as error:
        message = f"No mail can be written in this sender's name: {error}"
        raise PermanentFailure(message) from error
