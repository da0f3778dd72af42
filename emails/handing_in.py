"""Handing in: files of which each goes with one student's mail, kept with a draft and taken away."""

from collections.abc import Collection, Iterable
from contextlib import ExitStack
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from emails import matching, owning
from emails.attaching import media_type_of, safe_name
from emails.drafting import lock_draft
from emails.models import Mailing, OwnFile
from emails.unpacking import CannotUnpack, unpacked
from jobs import files, scanning
from jobs.models import Person, StoredFile
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from jobs.signatures import NotTaken

UNPACKED_TIMES = 4
"""So many times what may be uploaded an upload may be when its archives are unpacked."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What became of an upload."""

    matched: int
    unmatched: int

    @property
    def told(self) -> str:
        """It as a sentence."""
        whole = self.matched + self.unmatched
        if not self.unmatched:
            says = ngettext("{whole:,} file was handed in.", "{whole:,} files were handed in.", whole)
            return says.format(whole=whole)
        return ngettext(
            "{whole:,} file was handed in; {unmatched:,} of them could be matched to nobody.",
            "{whole:,} files were handed in; {unmatched:,} of them could be matched to nobody.",
            whole,
        ).format(whole=whole, unmatched=self.unmatched)


def keep(*, mailing: Mailing, uploaded: Iterable["UploadedFile[bytes]"], by: Person) -> Kept:
    """Keep the files in `uploaded`, archives unpacked, with the draft; whose each is, its name says.

    A file takes the place of one with the same name. All of them are kept, or none; those of a process that
    is killed on the way stay stored, named by no mailing.

    Raises:
        AlreadySent: the mailing was sent meanwhile.
        CannotUnpack: one of them cannot be taken; nothing was kept.
    """
    with ExitStack() as undoing:
        # Each by itself: one transaction over all of them would hold a lock of the database for each.
        stored = _stored(uploaded, mailing=mailing, by=by, undoing=undoing)
        students = matching.match(stored, school=mailing.school)
        with transaction.atomic():
            lock_draft(mailing)
            owning.discard(mailing.own_files.filter(name__in=stored))
            OwnFile.objects.bulk_create(
                OwnFile(
                    mailing=mailing,
                    school_id=mailing.school_id,
                    file=file,
                    name=name,
                    student_id=students[name],
                )
                for name, file in stored.items()
            )
            _note_there(mailing)
        undoing.pop_all()
    matched = sum(student is not None for student in students.values())
    return Kept(matched=matched, unmatched=len(students) - matched)


def _stored(
    uploaded: Iterable["UploadedFile[bytes]"], *, mailing: Mailing, by: Person, undoing: ExitStack
) -> dict[str, StoredFile]:
    """Store the files by their names; `undoing` will throw them away again."""
    limits = switchyard().files
    most_bytes = int(limits.attachment_megabytes * MEGABYTE)
    most_in_all = int(limits.upload_megabytes * MEGABYTE) * UNPACKED_TIMES
    stored: dict[str, StoredFile] = {}
    for given, content in unpacked(uploaded, most_bytes=most_bytes, most_in_all=most_in_all):
        name = safe_name(given)
        if name in stored:
            message = _("Two of the files are called “{name}”. Please give each a name of its own.").format(
                name=name
            )
            raise CannotUnpack(message)
        try:
            scanning.require_sound(content, name=name, school=mailing.school, by=by)
        except NotTaken as error:
            raise CannotUnpack(str(error)) from error
        stored[name] = files.store(
            school=mailing.school, name=name, media_type=media_type_of(name), content=content, by=by
        )
        undoing.callback(files.discard, stored[name])
    return stored


def drop(*, mailing: Mailing, ids: Collection[int] | None = None) -> int:
    """Take the own files with these `ids`, or all, away from the draft `mailing`, and return how many.

    Raises:
        AlreadySent: it was sent meanwhile; nothing is changed.
    """
    with transaction.atomic():
        lock_draft(mailing)
        rows = mailing.own_files.all() if ids is None else mailing.own_files.filter(pk__in=ids)
        dropped = owning.discard(rows)
        _note_there(mailing)
    return dropped


def _note_there(mailing: Mailing) -> None:
    """Note whether there are any, which spares all other mailings the question."""
    mailing.has_own_files = mailing.own_files.exists()
    Mailing.objects.filter(pk=mailing.pk).update(has_own_files=mailing.has_own_files)
