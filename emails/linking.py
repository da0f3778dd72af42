"""Linking: files that each recipient fetches by a link of their own, in place of getting them attached."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from emails.footing import SAMPLE, FileLine
from emails.models import Download, LinkedFile, Mailing
from emails.settings import mail_settings
from emails.sizes import labelled
from jobs.links import LinkMaker, Links
from jobs.models import Person, StoredFile

LINKS = Links(salt="emails.linked-file", page="emails:file")
FRESH_FOR = timedelta(hours=1)
"""Parts that follow each other within this do not write the end of the links anew."""


@dataclass(frozen=True, kw_only=True)
class FileLinks:
    """The files of a mailing, ready for the links of many recipients."""

    files: Sequence[tuple[int, str]]
    """Ids of the linked files, and what mails call them."""
    maker: LinkMaker

    def of(self, recipient_id: int) -> list[FileLine]:
        """Return what this recipient's mail says of each file; the links are nobody else's."""
        return [
            FileLine(label=label, address=self.maker.address(f"{file_id}-{recipient_id}"))
            for file_id, label in self.files
        ]


def sample_of(files: Sequence[StoredFile]) -> list[FileLine]:
    """Return what stands for the links in previews and test mails, where no recipient is."""
    return [FileLine(label=labelled(file), address=SAMPLE) for file in files]


def links_of(mailing: Mailing, *, now: datetime) -> FileLinks:
    """Return the links of `mailing`, whose mails are sent `now`: each works for as long as the settings say.

    May be called by many workers at once.
    """
    found = _linked(mailing, now=now)
    files = [(linked.pk, labelled(linked.file)) for linked in found]
    return FileLinks(files=files, maker=LINKS.maker())


def read_token(token: str) -> tuple[LinkedFile, int] | None:
    """Return the file and the recipient's id of a link; None when we did not make it, or the file is gone.

    The database is asked only about links that we made.
    """
    file_id, _, recipient_id = (LINKS.read(token) or "").partition("-")
    if not (file_id.isdigit() and recipient_id.isdigit()):
        return None
    asked = LinkedFile.objects.select_related("school", "file").filter(pk=int(file_id))
    linked: LinkedFile | None = asked.first()
    return (linked, int(recipient_id)) if linked else None


def count_download(linked: LinkedFile, *, recipient_id: int, now: datetime) -> None:
    """Count that the file was fetched once more by the link of this recipient."""
    row = Download(linked_file=linked, school_id=linked.school_id, recipient_id=recipient_id, last_at=now)
    with transaction.atomic():
        Download.objects.bulk_create([row], ignore_conflicts=True)
        counted = Download.objects.filter(linked_file=linked, recipient_id=recipient_id)
        counted.update(times=F("times") + 1, last_at=now)


def revoke(mailing: Mailing, *, by: Person, now: datetime) -> int:
    """Let no link of `mailing` work any more and return how many files it concerned; may be called twice.

    A mailing of which mails are still to be sent sends links that do not work.
    """
    there = LinkedFile.objects.filter(mailing=mailing, revoked_at=None)
    return int(there.update(revoked_at=now, revoked_by=by))


def _linked(mailing: Mailing, *, now: datetime) -> list[LinkedFile]:
    """Return the linked files of `mailing`, made when there are none, that work until long enough."""
    until = now + timedelta(days=mail_settings().link_days)
    rows = LinkedFile.objects.filter(mailing=mailing)
    found = list(rows.select_related("file"))
    if not found:
        made = [
            LinkedFile(mailing=mailing, school_id=mailing.school_id, file=file, expires_at=until)
            for file in mailing.attached_files()
        ]
        LinkedFile.objects.bulk_create(made, ignore_conflicts=True)
        return list(rows.select_related("file"))
    if any(linked.expires_at < until - FRESH_FOR for linked in found):
        rows.filter(expires_at__lt=until).update(expires_at=until)
    return found
