"""Oversize: which mails of a mailing are larger than what carries them takes, and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from emails.findings import Finding, block
from emails.reaching import Reach
from emails.recipient_checks import counted, who
from emails.smtp.own_tails import encoded_size
from jobs.directory import Student
from jobs.links import can_link
from jobs.sizes import size

FIELDS_BYTES = 250
"""About what stands before a file in a mail: its boundary, type and name."""


@dataclass(frozen=True, kw_only=True)
class TooLarge:
    """What a carrier takes, and the mails of a mailing that are larger."""

    most_bytes: int
    largest_bytes: int
    students: Sequence[Student]
    """Whose mails they are."""
    is_for_all: bool
    """Whether the files of all mails are too large already, without those of anybody's own."""


def over(reach: Reach, *, shared_bytes: int, most_bytes: int) -> TooLarge | None:
    """Return which mails have more than `most_bytes`; None where none has.

    Each has `shared_bytes`, its text and the files that all have, and its student's own files.
    """
    weights = [(shared_bytes + _own_bytes(reach.own_bytes_of(each)), each) for each in reach.recipients]
    concerned = [each for weight, each in weights if weight > most_bytes]
    if not concerned:
        return None
    return TooLarge(
        most_bytes=most_bytes,
        largest_bytes=max(weight for weight, _ in weights),
        students=concerned,
        is_for_all=shared_bytes > most_bytes,
    )


def finding_of(too_large: TooLarge, *, title: str | Promise, carrier: str) -> Finding:
    """Return what keeps such mails from being sent, and what can be done; `carrier` is what takes them."""
    concerned = () if too_large.is_for_all else map(who, too_large.students)
    return block(title, f"{told(too_large, carrier=carrier)} {remedy(too_large)}", concerned=concerned)


def told(too_large: TooLarge, *, carrier: str) -> str:
    """Return both sizes in words; `carrier` is what takes the mails, as `carriers.title_of` names it."""
    most, largest = size(too_large.most_bytes), size(too_large.largest_bytes)
    has = (
        _("just over {largest}").format(largest=largest)
        if most == largest
        else _("about {largest}").format(largest=largest)
    )
    if too_large.is_for_all:
        larger = _("with these files each mail has {has}").format(has=has)
    else:
        whose = counted(len(too_large.students))
        larger = _("with files of their own the mails of {whose} are larger, {has} at most").format(
            whose=whose, has=has
        )
    return _("{carrier} takes mails up to {most}, and {larger}: files grow by a third in a mail.").format(
        carrier=capfirst(carrier), most=most, larger=larger
    )


def remedy(too_large: TooLarge) -> str:
    """Return what a person can do about it, as a sentence."""
    if not too_large.is_for_all:
        return _("Make these files smaller.")
    if can_link():
        return _(
            "Let the files go as links, or make them smaller. When files go as links your school chooses "
            "under Mailings, Attachments."
        )
    return _("Make them smaller, or write a link to them into the text.")


def _own_bytes(given: int) -> int:
    return FIELDS_BYTES + encoded_size(given) if given else 0
