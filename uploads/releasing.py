"""What students let go to employers: changed on a student's page, and who changed it, by whatever way.

The database notes each change of a student's row itself (see the migration of `ReleaseChange`), so that
imports, undoings and whatever else writes students are noted too; who does it is said for the transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import QuerySet

from jobs.models import Person
from uploads.models import DocumentType, Release, ReleaseChange, Student, StudentDocument, Upload

SAY = "SELECT set_config('switchyard.person', %s, true), set_config('switchyard.upload', %s, true)"
CHANGES_SHOWN = 50


@dataclass(frozen=True, kw_only=True)
class ShownRelease:
    """One type of document of a student."""

    document_type: DocumentType
    document: StudentDocument | None
    choice: Release
    since: ReleaseChange | None
    """The change that made it so; None where nobody changed it since changes are noted."""


def say_who(by: Person | None, *, upload: Upload | None = None) -> None:
    """Say for the rest of the transaction who changes students, and by which upload."""
    given = [str(row.pk) if row else "" for row in (by, upload)]
    with connection.cursor() as cursor:
        cursor.execute(SAY, given)


def change(student: Student, *, wanted: Mapping[str, str], by: Person) -> bool:
    """Let what is `wanted` hold, a `Release` by document type, and return whether it is news.

    Packets ask at their plan, for each document, and at their binding: those under way follow.
    """
    fields = {f"{name}_release": choice for name, choice in wanted.items()}
    with transaction.atomic():
        now = Student.objects.select_for_update().get(pk=student.pk)
        if all(getattr(now, name) == choice for name, choice in fields.items()):
            return False
        say_who(by)
        Student.objects.filter(pk=student.pk).update(**fields)
    return True


def releases_of(student: Student) -> list[ShownRelease]:
    """Return what the student let go of each type of document; two queries."""
    documents = {each.document_type: each for each in student.documents.select_related("file")}
    newest = changes_of(student).order_by("document_type", "-id").distinct("document_type")
    since = {each.document_type: each for each in newest}
    return [
        ShownRelease(
            document_type=name,
            document=documents.get(name),
            choice=Release(getattr(student, f"{name}_release")),
            since=since.get(name),
        )
        for name in DocumentType
    ]


def changes_of(student: Student) -> QuerySet[ReleaseChange]:
    """Return the changes, newest first, with who made them."""
    found: QuerySet[ReleaseChange] = ReleaseChange.objects.filter(
        school=student.school_id, student_id=student.pk
    )
    return found.select_related("changed_by", "upload__file")
