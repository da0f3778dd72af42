"""Deleting a mailing whose job is old: its recipients first, then its text and its files.

A file behind links that still work stays until they do not: see `prune_links`.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from emails import owning
from emails.models import Code, Download, LinkedFile, Mailing, PasswordLink, Recipient
from jobs import files
from jobs.models import Job


def prune_mailing(job: Job, *, most: int) -> int:
    """Delete at most `most` recipients and own files of the job's mailing; at last the mailing too.

    Returns how many rows went.
    """
    mailing = Mailing.objects.filter(job=job).first()
    if mailing is None:
        return 0
    ids = list(mailing.recipients.order_by().values_list("pk", flat=True)[:most])
    Recipient.objects.filter(pk__in=ids).delete()
    gone = len(ids)
    if gone < most:
        gone += owning.discard_some(mailing, most=most - gone)
    if gone < most:
        linked = set(mailing.linked_files.values_list("file_id", flat=True))
        attached = [stored for stored in mailing.attached_files() if stored.pk not in linked]
        mailing.delete()
        for stored in attached:
            files.discard(stored)
    return gone


def prune_links(*, now: datetime, most: int) -> int:
    """Delete files of pruned mailings whose links work no more, and who fetched them; return how many rows.

    At most `most` rows: where a file was fetched by more, it goes another time.
    """
    over = LinkedFile.objects.filter(Q(expires_at__lte=now) | Q(revoked_at__isnull=False), mailing=None)
    rows = 0
    for linked in over.select_related("file")[:most]:
        ids = list(linked.downloads.order_by().values_list("pk", flat=True)[: most - rows])
        Download.objects.filter(pk__in=ids).delete()
        rows += len(ids)
        if rows >= most:
            break
        with transaction.atomic():
            linked.delete()
            files.discard(linked.file)
        rows += 1
    return rows


def prune_code(job: Job) -> int:
    """Delete the code that the job sent, and return how many went."""
    return Code.objects.filter(pk=job.arguments["code"], school_id=job.school_id).delete()[0]


def prune_password_link(job: Job) -> int:
    """Delete the link that the job sent, and return how many went."""
    return PasswordLink.objects.filter(pk=job.arguments["link"]).delete()[0]
