"""Drafting: keeping, changing and throwing away a mailing that has not been sent."""

import mimetypes
from collections.abc import Collection, Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from emails.models import Attachment, Mailing
from emails.sending import AlreadySent
from jobs import files
from jobs.models import Person

NAME_LENGTH = 255


def keep_draft(
    *, mailing: Mailing, by: Person, added: Sequence["UploadedFile[bytes]"], removed: Collection[int]
) -> Mailing:
    """Save the draft `mailing`, new or changed, with its attachments, and return it.

    `added` are new files, `removed` the ids of attachments that go.

    Raises:
        AlreadySent: it was sent meanwhile; nothing is changed.
    """
    with transaction.atomic():
        if not mailing.pk:
            mailing.created_by = by
        else:
            _lock_draft(mailing)
        mailing.save()
        mailing.attachments.filter(pk__in=removed).delete()
        for file in added:
            _attach(file, mailing=mailing, by=by)
    return mailing


def discard_draft(*, mailing: Mailing) -> None:
    """Throw the draft away.

    Raises:
        AlreadySent: it was sent meanwhile; nothing is changed.
    """
    with transaction.atomic():
        _lock_draft(mailing)
        mailing.delete()


def _lock_draft(mailing: Mailing) -> None:
    if Mailing.objects.select_for_update().get(pk=mailing.pk).job_id is not None:
        message = "This mailing was sent meanwhile and cannot be changed any more."
        raise AlreadySent(message)


def _attach(file: "UploadedFile[bytes]", *, mailing: Mailing, by: Person) -> None:
    name = _safe_name(file.name or "")
    stored = files.store(school=mailing.school, name=name, media_type=_media_type(name), content=file, by=by)
    Attachment.objects.create(mailing=mailing, school=mailing.school, file=stored)


def _safe_name(name: str) -> str:
    kept = "".join(character for character in name if character.isprintable()).strip()
    return kept[-NAME_LENGTH:] or "attachment"


def _media_type(name: str) -> str:
    """Return the type that the name promises; what a browser claims is not believed."""
    media_type, encoding = mimetypes.guess_type(name)
    return media_type if media_type and not encoding else "application/octet-stream"
