"""Owning: files that go with one student's mail only, found for each mail."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.models import Mailing, OwnFile, Recipient
from jobs import files
from jobs.directory import Student, directory
from jobs.models import School, StoredFile

LACKS_ONE = gettext_lazy("Left out: there is no file of their own.")
"""What a ledger says of those who lack one."""


def discard_some(mailing: Mailing, *, most: int) -> int:
    """Delete at most `most` own files of `mailing` with their bytes, and return how many."""
    with transaction.atomic():
        return discard(mailing.own_files.all()[:most])


class NoOwnFile(Exception):
    """A recipient has no file in a mailing whose mails each have one; the message says so."""


@dataclass(frozen=True, kw_only=True)
class OwnFiles:
    """The own files of some recipients."""

    by_student: Mapping[int, Sequence[StoredFile]]

    def of(self, student_id: int) -> Sequence[StoredFile]:
        """Return those of one student.

        Raises:
            NoOwnFile: there are none, so there is no mail either.
        """
        found = self.by_student.get(student_id)
        if not found:
            message = _("Not sent: the mailing has no file of this student's own.")
            raise NoOwnFile(message)
        return found


def of_recipients(mailing: Mailing, recipients: QuerySet[Recipient]) -> OwnFiles | None:
    """Return the own files of `recipients`; None where `mailing` has none of anybody's."""
    if not mailing.has_own_files:
        return None
    ids = list(recipients.values_list("student_id", flat=True))
    return OwnFiles(by_student=files_by_student(mailing, student_ids=ids))


def files_by_student(mailing: Mailing, *, student_ids: Collection[int]) -> dict[int, list[StoredFile]]:
    """Return the own files of these students, by name; no query where `mailing` has none."""
    found: dict[int, list[StoredFile]] = {}
    if mailing.has_own_files:
        for row in mailing.own_files.filter(student_id__in=student_ids).select_related("file"):
            if row.student_id is not None:
                found.setdefault(row.student_id, []).append(row.file)
    return found


def bytes_by_student(mailing: Mailing) -> dict[int, int]:
    """Return how many bytes of own files each student's mail has; no query where `mailing` has none."""
    if not mailing.has_own_files:
        return {}
    rows = mailing.own_files.exclude(student_id=None).order_by().values_list("student_id")
    return dict(rows.annotate(Sum("file__size")))


def files_of(mailing: Mailing, *, student_id: int | None) -> Sequence[StoredFile]:
    """Return the own files of one student."""
    if student_id is None:
        return ()
    return files_by_student(mailing, student_ids=[student_id]).get(student_id, [])


def discard(rows: QuerySet[OwnFile]) -> int:
    """Delete `rows` with their bytes, and return how many; call it within a transaction."""
    gone = list(rows.select_related("file"))
    OwnFile.objects.filter(pk__in=[row.pk for row in gone]).delete()
    for row in gone:
        files.discard(row.file)
    return len(gone)


def with_students(rows: Iterable[OwnFile], *, school: School) -> list[tuple[OwnFile, Student | None]]:
    """Return own files with the students whose they are; None for nobody, and for who is gone."""
    kept = list(rows)
    ids = [row.student_id for row in kept if row.student_id is not None]
    found = directory().students_by_id(school_id=school.pk, ids=ids) if ids else {}
    return [(row, found.get(row.student_id) if row.student_id else None) for row in kept]
