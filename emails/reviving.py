"""Trying again by a click: recipients whom the relay refused wait again, in parts that name them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from emails.ledger import DONE_STATES, chunks, doubt_abandoned, rows_of
from emails.models import Mailing, Recipient, RecipientState
from jobs import lifecycle
from jobs.models import Job, Part, PartState, Person, Step
from jobs.reviving import RETRIED
from jobs.verbs import PartPlan

BATCH_ROWS = 1000
DONE_BY_PART = """
SELECT part.id, count(*)
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS part(id, first, last)
JOIN emails_recipient recipient ON recipient.id BETWEEN part.first AND part.last
WHERE recipient.mailing_id = %s AND recipient.state = ANY(%s)
GROUP BY part.id
"""


def revivable(mailing: Mailing) -> QuerySet[Recipient]:
    """Return the recipients that a retry tries again: refused ones, uncertain ones if a person says so."""
    states = [RecipientState.REFUSED]
    if mailing.resend_uncertain:
        states.append(RecipientState.UNCERTAIN)
    return mailing.recipients.filter(state__in=states)


def revive(mailing: Mailing, *, job: Job) -> list[PartPlan]:
    """Let those recipients wait again, and return parts for those that no part of the retry holds already.

    Their Message-IDs stay, so that a mail that arrives twice can be told. Recipients of a part that
    is still at work are left to it.
    """
    rows = revivable(mailing)
    work = job.parts.filter(step=Step.WORK)
    _doubt_left_behind(mailing, at_work=work.filter(state=PartState.WORKING))
    at_work = _held_by(work.filter(state=PartState.WORKING), mailing=mailing)
    offered_again = _held_by(work.filter(state__in=RETRIED), mailing=mailing)
    found = rows.order_by("pk").values_list("pk", "student_id")
    again = [(pk, student_id) for pk, student_id in found if pk not in at_work]
    for batch in _batches([pk for pk, _student in again], size=BATCH_ROWS):
        rows.filter(pk__in=batch).update(state=RecipientState.WAITING)
    alone = [(pk, student_id) for pk, student_id in again if pk not in offered_again]
    # The choice was for this retry: what it leaves uncertain, a person has not seen yet.
    Mailing.objects.filter(pk=mailing.pk).update(resend_uncertain=False)
    return [
        PartPlan(units=len(chunk), bytes=weight, arguments={"ids": chunk})
        for chunk, weight in chunks(mailing, alone)
    ]


def done_before(mailing: Mailing, parts: Sequence[Part]) -> dict[int, int]:
    """Return by part id how many mails of parts that were begun are done; one query for all."""
    begun = {part.pk: part.arguments for part in parts if part.step == Step.WORK and part.attempt}
    return _done_by_part(mailing, begun)


def _done_by_part(mailing: Mailing, parts: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
    """Return how many recipients of each of `parts`, arguments by part id, are done; none where none is."""
    ranges = [(part, first, last) for part, arguments in parts.items() for first, last in _ranges(arguments)]
    values = [[*column] for column in zip(*ranges, strict=True)] or [[], [], []]
    with connection.cursor() as cursor:
        cursor.execute(DONE_BY_PART, [*values, mailing.pk, list(DONE_STATES)])
        return dict(cursor.fetchall())


def _ranges(arguments: Mapping[str, Any]) -> Iterable[tuple[int, int]]:
    if "ids" in arguments:
        return [(pk, pk) for pk in arguments["ids"]]
    return [(arguments["first"], arguments["last"])]


def decide(*, mailing: Mailing, by: Person | None, resend_uncertain: bool, program: str = "") -> None:
    """Say whether the next retry sends again to recipients of whom nobody knows whether the mail arrived."""
    with transaction.atomic():
        changed = Mailing.objects.filter(pk=mailing.pk).exclude(resend_uncertain=resend_uncertain)
        if changed.update(resend_uncertain=resend_uncertain) and mailing.job is not None:
            why = (
                _("Uncertain recipients are sent to again by the next retry.")
                if resend_uncertain
                else _("Uncertain recipients are not sent to again by the next retry.")
            )
            lifecycle.note(mailing.job, "decided", by=by, program=program, why=why, now=timezone.now())


def _doubt_left_behind(mailing: Mailing, *, at_work: QuerySet[Part]) -> None:
    """Make mails uncertain whose sending broke off, before a person's choice about such mails is followed."""
    held = [rows_of(mailing, part.arguments).values("pk") for part in at_work]
    left_behind = mailing.recipients.all()
    for rows in held:
        left_behind = left_behind.exclude(pk__in=rows)
    doubt_abandoned(left_behind)


def _held_by(parts: QuerySet[Part], *, mailing: Mailing) -> set[int]:
    """Return the revivable recipients that `parts` hold."""
    held = (rows_of(mailing, part.arguments) & revivable(mailing) for part in parts)
    return set(chain.from_iterable(rows.values_list("pk", flat=True) for rows in held))


def _batches(ids: list[int], *, size: int) -> list[list[int]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]
