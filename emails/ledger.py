"""The ledger of a mailing: written by the plan, cut into parts, counted."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from emails import composing, merging, owning
from emails.leaving_out import leave_out
from emails.models import Mailing, Recipient, RecipientState
from emails.models.recipients import LEFT_OUT_STATES, OUTSIDE_STATES, TOLD_LATER
from emails.providers import catalogue
from emails.reaching import Reach
from emails.sizes import encoded
from jobs import cutting
from jobs.directory import Student, directory
from jobs.models import Part, Step
from jobs.verbs import PartPlan

RELAY = "relay"
"""The outside service whose limits mails draw on, as SWITCHYARD['services'] names it."""
PART_RECIPIENTS = 200
"""The most recipients of one part."""
PART_BYTES = 64 << 20
"""About the most bytes that the mails of one part have together: large files make small parts."""
PLACE_FOR_TEXT = 4096
BATCH_ROWS = 1000

DONE_STATES = (RecipientState.ACCEPTED, *TOLD_LATER, RecipientState.SUPPRESSED)
"""Units of the job that are done: the relay had the mail, or the recipient was not to have it."""
LEFT_IN_DOUBT = _("The worker was lost while it handed this mail over; it may or may not have arrived.")


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many recipients stand where."""

    waiting: int = 0
    sending: int = 0
    accepted: int = 0
    refused: int = 0
    uncertain: int = 0
    suppressed: int = 0
    bounced: int = 0
    complained: int = 0
    omitted: int = 0
    lacking: int = 0

    @property
    def done(self) -> int:
        """Recipients in `DONE_STATES`."""
        return sum(getattr(self, state) for state in DONE_STATES)

    @property
    def failed(self) -> int:
        """Units of the job that came to nothing certain."""
        return self.refused + self.uncertain

    @property
    def left_out(self) -> int:
        """Recipients who get no mail."""
        return sum(getattr(self, state) for state in LEFT_OUT_STATES)

    @property
    def unsettled(self) -> int:
        """Recipients that nothing final is known of."""
        return self.waiting + self.sending


def write_ledger(mailing: Mailing) -> None:
    """Write a row for each confirmed student who is still there. Rows of an earlier try stay as they are.

    This is the plan's work and not the click's: fifty thousand rows take seconds.
    """
    _write_rows(mailing, mailing.student_ids)
    # Behind all others: so the ranges of ids that are parts have none of these.
    _write_rows(mailing, mailing.lacking_ids, state=RecipientState.LACKING, relay_words=str(owning.LACKS_ONE))


def plans(mailing: Mailing) -> Iterator[PartPlan]:
    """Cut the ledger into parts, each a range of ids, without those who are left out already.

    A plan that is begun again yields first what was written of it, as it is: limits and costs may have
    changed since, and with them how large parts are cut.
    """
    written = _written(mailing)
    yield from written
    last = written[-1].arguments["last"] if written else 0
    left = mailing.recipients.filter(pk__gt=last)
    leave_out(left, mailing=mailing, state=RecipientState.OMITTED, now=timezone.now())
    yield from _cut(mailing, left)


def cut_anew(mailing: Mailing, parts: Sequence[Part]) -> list[PartPlan]:
    """Cut the recipients of `parts`, which are neighbours, as a plan would now; none if that is no gain."""
    units, own = sum(part.units for part in parts), owning.bytes_by_student(mailing)
    most = part_size(mailing, attached_bytes=moved_bytes(mailing, mails=units) + average(own))
    if len(parts) <= math.ceil(units / most):
        return []
    first, last = parts[0].arguments["first"], parts[-1].arguments["last"]
    return list(_cut(mailing, mailing.recipients.filter(pk__range=(first, last))))


def _written(mailing: Mailing) -> list[PartPlan]:
    if mailing.job is None:
        return []
    planned = mailing.job.parts.filter(step=Step.WORK, is_revived=False).order_by("pk")
    return [PartPlan(**row) for row in planned.values("units", "bytes", "arguments")]


def _cut(mailing: Mailing, rows: QuerySet[Recipient]) -> Iterator[PartPlan]:
    sent = rows.exclude(state__in=OUTSIDE_STATES).order_by("pk")
    for ids, weight in chunks(mailing, list(sent.values_list("pk", "student_id"))):
        yield PartPlan(units=len(ids), bytes=weight, arguments={"first": ids[0], "last": ids[-1]})


def chunks(mailing: Mailing, rows: Sequence[tuple[int, int]]) -> Iterator[tuple[list[int], int]]:
    """Cut `rows`, ids of recipients and their students, into parts: the ids of each, and its mails' bytes."""
    shared, own = moved_bytes(mailing, mails=len(rows)), owning.bytes_by_student(mailing)
    most = part_size(mailing, attached_bytes=shared + average(own))
    chunk: list[int] = []
    weight = 0
    for pk, student_id in rows:
        each = mail_bytes(shared + own.get(student_id, 0))
        if chunk and (len(chunk) == most or weight + each > PART_BYTES):
            yield chunk, weight
            chunk, weight = [], 0
        chunk.append(pk)
        weight += each
    if chunk:
        yield chunk, weight


def moved_bytes(mailing: Mailing, *, mails: int, attached_bytes: int | None = None) -> int:
    """Return how many bytes of shared files each of so many `mails` costs: see `catalogue.moved_bytes`.

    `attached_bytes` is what its files have, if not as they stand.
    """
    attached = mailing.carried_bytes() if attached_bytes is None else attached_bytes
    if mailing.has_own_files:
        return attached  # mails that differ by a file share no call
    most = max(1, min(mails, PART_RECIPIENTS))
    return catalogue.moved_bytes(attached, school=mailing.school, mails=most)


def sizes_of(mailing: Mailing, reach: Reach, *, attached_bytes: int) -> dict[str, int]:
    """Return the sizes of the job that sends `mailing` to `reach`, each mail with files of `attached_bytes`.

    Own files count with what they have on average.
    """
    own, students = reach.own_bytes or {}, reach.recipients
    given = {student.id: own[student.id] for student in students if student.id in own}
    shared = moved_bytes(mailing, mails=len(students), attached_bytes=attached_bytes)
    sizes = {"recipients": len(students), "bytes": shared + average(given)}
    return {**sizes, "own_files": len(given)} if given else sizes


def average(own: Mapping[int, int]) -> int:
    """Return what each of these students' own files have on average, in bytes."""
    return sum(own.values()) // len(own) if own else 0


def rows_of(mailing: Mailing, arguments: Mapping[str, Any]) -> QuerySet[Recipient]:
    """Return the recipients of the part with these arguments: a range of ids, or those that it names."""
    if "ids" in arguments:
        named: QuerySet[Recipient] = mailing.recipients.filter(pk__in=arguments["ids"])
        return named
    return mailing.recipients.filter(pk__range=(arguments["first"], arguments["last"]))


def part_size(mailing: Mailing, *, attached_bytes: int) -> int:
    """Return how many recipients one part gets when each mail carries files of `attached_bytes`."""
    each = mail_bytes(attached_bytes)
    usual = max(1, min(PART_RECIPIENTS, PART_BYTES // each))
    if mailing.job is None:
        return usual
    return cutting.most_units(mailing.job, usual=usual, service=RELAY, unit_bytes=each)


def mail_bytes(attached_bytes: int) -> int:
    """Return about how many bytes a mail with files of `attached_bytes` is."""
    return encoded(attached_bytes) + PLACE_FOR_TEXT


def doubt_abandoned(rows: QuerySet[Recipient]) -> int:
    """Move rows that an earlier try left in the middle of a dialogue to uncertain and return how many."""
    abandoned = rows.filter(state=RecipientState.SENDING)
    return abandoned.update(state=RecipientState.UNCERTAIN, relay_words=LEFT_IN_DOUBT)


def tally(rows: QuerySet[Recipient]) -> Tally:
    """Count `rows` by state."""
    return Tally(**dict(rows.order_by().values_list("state").annotate(Count("pk"))))


def _write_rows(mailing: Mailing, ids: Sequence[int], **known: str) -> None:
    found = directory().students_by_id(school_id=mailing.school_id, ids=ids) if ids else {}
    rows = [_row(mailing, found[pk], **known) for pk in ids if pk in found]
    Recipient.objects.bulk_create(rows, batch_size=BATCH_ROWS, ignore_conflicts=True)


def _row(mailing: Mailing, student: Student, **known: str) -> Recipient:
    return Recipient(
        mailing=mailing,
        school_id=mailing.school_id,
        student_id=student.id,
        name=student.name,
        address=student.email,
        merge_values=merging.values_of(student, school_name=mailing.school.name),
        message_id=composing.new_message_id(),
        **known,
    )
