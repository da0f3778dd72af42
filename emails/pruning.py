"""Deleting a mailing whose job is old: its recipients first, then its text and its files."""

from emails.models import Code, Mailing, Recipient
from jobs import files
from jobs.models import Job


def prune_mailing(job: Job, *, most: int) -> int:
    """Delete at most `most` recipients of the job's mailing and return how many; at last the mailing too."""
    mailing = Mailing.objects.filter(job=job).first()
    if mailing is None:
        return 0
    ids = list(mailing.recipients.order_by().values_list("pk", flat=True)[:most])
    Recipient.objects.filter(pk__in=ids).delete()
    if len(ids) < most:
        attached = mailing.attached_files()
        mailing.delete()
        for stored in attached:
            files.discard(stored)
    return len(ids)


def prune_code(job: Job) -> int:
    """Delete the code that the job sent, and return how many went."""
    return Code.objects.filter(pk=job.arguments["code"], school_id=job.school_id).delete()[0]
