"""What the pre-flight finds about the mail relay: whether it takes mails as large as those of a mailing.

A page opens no connection to the relay: what a worker heard from it lately counts. Where nothing was heard,
nothing is found, and a mail that is too large is refused when it is to be sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from emails import composing, delivering, linking, merging, noting, unsubscribing
from emails.composing import CannotCompose, Composer
from emails.enclosing import enclosed
from emails.findings import Finding, block, warn
from emails.models import Mailing
from emails.providers import catalogue
from emails.reaching import Reach
from emails.recipient_checks import counted, who
from emails.smtp.own_tails import OwnTail, encoded_size
from emails.smtp.signing import WrongKey
from emails.smtp.tails import new_boundary
from jobs.directory import Student
from jobs.models import StoredFile
from jobs.retries import PermanentFailure
from jobs.sizes import size

RELAY = "Mail relay"
FIELDS_BYTES = 250
"""About what stands before a file in a mail: its boundary, type and name."""
LONGEST_ID = 2**62
"""Makes as long a link as any recipient has."""


@dataclass(frozen=True, kw_only=True)
class TooLarge:
    """What the relay takes, and the mails of a mailing that are larger."""

    most_bytes: int
    largest_bytes: int
    students: Sequence[Student]
    """Whose mails they are."""
    is_for_all: bool
    """Whether the files of all mails are too large already, without those of anybody's own."""


def check_relay(
    mailing: Mailing, reach: Reach, *, attached: Sequence[StoredFile], now: datetime
) -> Iterator[Finding]:
    """Say that mails with the files `attached` are larger than the relay takes."""
    if found := too_large(mailing, reach, attached=attached, now=now):
        concerned = () if found.is_for_all else map(who, found.students)
        yield block(RELAY, f"{told(found)} {remedy(found)}", concerned=concerned)


def check_choice(
    mailing: Mailing, reach: Reach, *, files: Sequence[StoredFile], now: datetime
) -> Iterator[Finding]:
    """Say so where whoever sends the mailing may still choose that `files` go as links."""
    if found := too_large(mailing, reach, attached=files, now=now):
        yield warn(RELAY, f"{told(found)} Choose links below.")


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
    weights = [(shared + _own_bytes(reach.own_bytes_of(each)), each) for each in reach.recipients]
    over = [each for weight, each in weights if weight > offer.most_bytes]
    if not over:
        return None
    return TooLarge(
        most_bytes=offer.most_bytes,
        largest_bytes=max(weight for weight, _ in weights),
        students=over,
        is_for_all=shared > offer.most_bytes,
    )


def told(found: TooLarge) -> str:
    """Return both sizes in words."""
    most, largest = size(found.most_bytes), size(found.largest_bytes)
    has = f"just over {largest}" if most == largest else f"about {largest}"
    if found.is_for_all:
        larger = f"with these files each mail has {has}"
    else:
        whose = counted(len(found.students))
        larger = f"with files of their own the mails of {whose} are larger, {has} at most"
    return f"The mail relay takes mails up to {most}, and {larger}: files grow by a third in a mail."


def remedy(found: TooLarge) -> str:
    """Return what a person can do about it, as a sentence."""
    if not found.is_for_all:
        return "Make these files smaller."
    if linking.can_link():
        return (
            "Let the files go as links, or make them smaller. When files go as links your school chooses "
            "under Mailings, Attachments."
        )
    return "Make them smaller, or write a link to them into the text."


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


def _own_bytes(given: int) -> int:
    return FIELDS_BYTES + encoded_size(given) if given else 0
