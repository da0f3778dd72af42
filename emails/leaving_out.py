"""Leaving out: who of a mailing's recipients gets no mail, settled by its plan and once more by each part."""

from datetime import datetime

from django.db.models import QuerySet

from emails import sparing, suppressing, unusable
from emails.models import Mailing, Recipient, RecipientState


def leave_out(rows: QuerySet[Recipient], *, mailing: Mailing, state: RecipientState, now: datetime) -> None:
    """Move the waiting recipients among `rows` who get no mail to `state`, each with the reason.

    They are those who were told to be left out when the mailing was sent, and whoever has come on the
    suppression list since or had another mailing meanwhile, where it spares these.
    """
    told = {*mailing.left_out_ids}
    unusable.leave_out(rows, student_ids=told, state=state)
    suppressing.leave_out(rows, school=mailing.school, student_ids=told, state=state)
    sparing.spare(rows, mailing=mailing, now=now, state=state)
