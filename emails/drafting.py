"""Drafting: keeping, changing and throwing away a mailing that has not been sent."""

from collections.abc import Sequence

from django.db import transaction

from emails.models import Attachment, Mailing
from emails.sending import AlreadySent
from jobs.models import Person, StoredFile


def keep_draft(*, mailing: Mailing, by: Person, attached: Sequence[StoredFile]) -> Mailing:
    """Save the draft `mailing`, new or changed, with exactly the files `attached`, and return it.

    Raises:
        AlreadySent: it was sent meanwhile; nothing is changed.
    """
    with transaction.atomic():
        if not mailing.pk:
            mailing.created_by = by
        else:
            _lock_draft(mailing)
        mailing.save()
        _attach(attached, mailing=mailing)
    return mailing


def discard_draft(*, mailing: Mailing) -> None:
    """Throw the draft away.

    Raises:
        AlreadySent: it was sent meanwhile; nothing is changed.
    """
    with transaction.atomic():
        _lock_draft(mailing)
        mailing.delete()


def choose_sparing(*, mailing: Mailing, spares_lately: bool) -> None:
    """Say whether those who had another mailing lately are left out of the draft.

    Raises:
        AlreadySent: it was sent meanwhile; nothing is changed.
    """
    with transaction.atomic():
        _lock_draft(mailing)
        Mailing.objects.filter(pk=mailing.pk).update(spares_lately=spares_lately)


def _lock_draft(mailing: Mailing) -> None:
    if Mailing.objects.select_for_update().get(pk=mailing.pk).job_id is not None:
        message = "This mailing was sent meanwhile and cannot be changed any more."
        raise AlreadySent(message)


def _attach(attached: Sequence[StoredFile], *, mailing: Mailing) -> None:
    mailing.attachments.exclude(file__in=attached).delete()
    there = set(mailing.attachments.values_list("file_id", flat=True))
    Attachment.objects.bulk_create(
        Attachment(mailing=mailing, school_id=mailing.school_id, file=file)
        for file in attached
        if file.pk not in there
    )
