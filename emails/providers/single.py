"""One mail by itself through a provider: a test mail goes the way of its mailing."""

from collections.abc import Mapping, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from emails.composing import CannotCompose, Letter
from emails.providers import writing
from emails.providers.answers import Fate
from emails.providers.calling import CallFailed, CallLost, CallRefused, post
from emails.providers.catalogue import Provider
from emails.providers.visiting import visit_provider
from emails.providers.writing import Enclosures
from emails.single import LONGEST_PAUSE_SECONDS
from jobs.models import Person, StoredFile
from jobs.retries import PermanentFailure, TemporaryFailure


def send_to(
    person: Person,
    *,
    provider: Provider,
    letter: Letter,
    values: Mapping[str, str],
    attached: Sequence[StoredFile],
    use: str,
) -> None:
    """Hand one mail to `person` over to `provider`; who calls again after a failure may send it twice.

    Raises:
        TemporaryFailure: the provider could not take it now, or nobody knows whether it did.
        PermanentFailure: the provider refused it for good, or it cannot be written.
    """
    again = _("{provider} did not take the mail.").format(provider=provider.title)
    enclosures = Enclosures.of(attached)
    try:
        mail = writing.write(letter, name=person.name, address=person.email, values=values)
        writing.admit(mail.size + enclosures.size, provider=provider)
    except (CannotCompose, writing.TooLarge) as error:
        raise PermanentFailure(str(error)) from error
    with visit_provider(use=use, longest_pause_seconds=LONGEST_PAUSE_SECONDS) as visit:
        try:
            now = timezone.now()
            with visit.asking():
                [verdict] = post([mail], provider=provider, letter=letter, enclosures=enclosures, now=now)
        except CallRefused as error:
            raise PermanentFailure(str(error)) from error
        except (CallFailed, CallLost) as error:
            if error.is_its_fault:
                visit.failed(str(error), now=timezone.now())
            else:
                visit.worked()
            raise TemporaryFailure(again) from error
        visit.worked()
    if verdict.fate == Fate.REFUSED:
        raise PermanentFailure(verdict.words)
    if verdict.fate != Fate.ACCEPTED:
        raise TemporaryFailure(again)
