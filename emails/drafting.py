"""Drafting: keeping, changing and throwing away a mailing that has not been sent."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from emails import owning
from emails.findings import Choice
from emails.models import Attachment, Mailing
from emails.sending import AlreadySent
from jobs.models import Person, StoredFile

MEANT: Mapping[Choice, Mapping[str, bool]] = {
    Choice.SPARE: {"spares_lately": True},
    Choice.WRITE: {"spares_lately": False},
    Choice.WITHOUT_LACKING: {"leaves_lacking_out": True},
    Choice.WITH_ALL: {"leaves_lacking_out": False},
}
"""What each choice beside a finding makes of the draft."""


def keep_draft(*, mailing: Mailing, by: Person, attached: Sequence[StoredFile]) -> Mailing:
    """Save the draft `mailing`, new or changed, with exactly the files `attached`, and return it.

    Raises:
        AlreadySent: it was sent meanwhile; nothing is changed.
    """
    with transaction.atomic():
        if not mailing.pk:
            mailing.created_by = by
        else:
            lock_draft(mailing)
        mailing.save()
        _attach(attached, mailing=mailing)
    return mailing


def discard_draft(*, mailing: Mailing) -> None:
    """Throw the draft away.

    Raises:
        AlreadySent: it was sent meanwhile; nothing is changed.
    """
    with transaction.atomic():
        lock_draft(mailing)
        owning.discard(mailing.own_files.all())
        mailing.delete()


def choose(*, mailing: Mailing, choice: Choice) -> None:
    """Do what a person chose beside a finding about the draft.

    Raises:
        AlreadySent: it was sent meanwhile; nothing is changed.
    """
    with transaction.atomic():
        lock_draft(mailing)
        Mailing.objects.filter(pk=mailing.pk).update(**MEANT[choice])


def lock_draft(mailing: Mailing) -> None:
    """Let nobody else change or send the draft until the transaction ends.

    Raises:
        AlreadySent: it was sent meanwhile.
    """
    if Mailing.objects.select_for_update().get(pk=mailing.pk).job_id is not None:
        message = _("This mailing was sent meanwhile and cannot be changed any more.")
        raise AlreadySent(message)


def _attach(attached: Sequence[StoredFile], *, mailing: Mailing) -> None:
    mailing.attachments.exclude(file__in=attached).delete()
    there = set(mailing.attachments.values_list("file_id", flat=True))
    Attachment.objects.bulk_create(
        Attachment(mailing=mailing, school_id=mailing.school_id, file=file)
        for file in attached
        if file.pk not in there
    )
