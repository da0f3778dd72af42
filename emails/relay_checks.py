"""What the pre-flight finds about the mail relay: whether it takes mails as large as those of a mailing.

A page opens no connection to the relay: what a worker heard from it lately counts. Where nothing was heard,
nothing is found, and a mail that is too large is refused when it is to be sent.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails import carriers, composing, delivering, merging, noting, oversize, unsubscribing
from emails.carriers import title_of
from emails.composing import CannotCompose, Composer
from emails.enclosing import enclosed
from emails.findings import Finding, warn
from emails.models import Mailing
from emails.oversize import TooLarge
from emails.providers import catalogue
from emails.reaching import Reach
from emails.smtp.own_tails import OwnTail
from emails.smtp.signing import WrongKey
from emails.smtp.tails import new_boundary
from jobs.directory import Student
from jobs.models import StoredFile
from jobs.retries import PermanentFailure

RELAY = gettext_lazy("Mail relay")
LONGEST_ID = 2**62
"""Makes as long a link as any recipient has."""


def check_relay(
    mailing: Mailing, reach: Reach, *, attached: Sequence[StoredFile], now: datetime
) -> Iterator[Finding]:
    """Say that mails with the files `attached` are larger than the relay takes."""
    if found := too_large(mailing, reach, attached=attached, now=now):
        yield oversize.finding_of(found, title=RELAY, carrier=title_of(carriers.RELAY))


def check_choice(
    mailing: Mailing, reach: Reach, *, files: Sequence[StoredFile], now: datetime
) -> Iterator[Finding]:
    """Say so where whoever sends the mailing may still choose that `files` go as links."""
    if found := too_large(mailing, reach, attached=files, now=now):
        yield warn(RELAY, _("{told} Choose links below.").format(told=told(found)))


def told(found: TooLarge) -> str:
    """Return what the relay takes and the size of the mails, in words."""
    return oversize.told(found, carrier=title_of(carriers.RELAY))


def too_large(
    mailing: Mailing, reach: Reach, *, attached: Sequence[StoredFile], now: datetime
) -> TooLarge | None:
    """Return what is larger than the relay takes; None where nothing is, or nothing is known of the relay."""
    if not (attached or mailing.has_own_files) or not reach.recipients:
        return None
    if catalogue.provider_of(mailing.school):
        return None
    offer = noting.offer_of_relay(now=now)
    if offer is None or not offer.most_bytes:
        return None
    shared = _head_bytes(mailing, reach.recipients[0], now=now) + _tail_bytes(attached)
    return oversize.over(reach, shared_bytes=shared, most_bytes=offer.most_bytes)


def _head_bytes(mailing: Mailing, student: Student, *, now: datetime) -> int:
    """Return how many bytes the mail of `student` has before its files; 0 if none can be written."""
    try:
        composer = Composer.of(delivering.letter_of(mailing), boundary=new_boundary())
        message = composer.compose(
            name=student.name,
            address=student.email,
            values=merging.values_of(student, school_name=mailing.school.name),
            message_id=composing.new_message_id(),
            now=now,
            unsubscribe_link=unsubscribing.link_for(LONGEST_ID),
        )
    except (PermanentFailure, CannotCompose, WrongKey):
        return 0  # told by others
    return message.size


def _tail_bytes(attached: Sequence[StoredFile]) -> int:
    files = [enclosed(file) for file in attached]
    return OwnTail(files, boundary=new_boundary(), shared=None).size
