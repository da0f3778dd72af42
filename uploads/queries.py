"""What pages read of uploads and students."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from jobs.amounts import count
from jobs.concerns import Concern
from jobs.directory import StudentFilter
from jobs.models import Person, School
from uploads.models import Student, StudentDocument, Upload, UploadState
from uploads.students import matching

TOLD_FOR = timedelta(days=14)
"""How long home tells of a file that nobody decided about."""
LONG_FIELDS = ("problems", "problem_counts", "changes", "headings", "samples")


def uploads_of(person: Person) -> QuerySet[Upload, Any]:
    """Return the uploads that the person may see, newest first, with file, jobs and author."""
    found: QuerySet[Upload, Any] = Upload.objects.visible_to(person)
    jobs = ("check_job__school", "import_job__school", "undo_job__school")
    return found.select_related("file", "error_file", "created_by", "school", *jobs)


def with_same_files(uploads: QuerySet[Upload, Any]) -> QuerySet[Upload, Any]:
    """Return the uploads with the time at which the same bytes were imported before: `same_imported_at`."""
    same = Upload.objects.filter(
        school=OuterRef("school"),
        dataset=OuterRef("dataset"),
        file__sha256=OuterRef("file__sha256"),
        state=UploadState.IMPORTED,
    ).exclude(pk=OuterRef("pk"))
    return uploads.annotate(
        same_imported_at=Subquery(same.order_by("-imported_at").values("imported_at")[:1])
    )


def concerns_of(person: Person, *, now: datetime, limit: int = 10) -> list[Concern]:
    """Return the uploads of the person's school that wait for a decision, newest first."""
    if not person.may_work or person.school_id is None:
        return []
    open_ones: QuerySet[Upload] = Upload.objects.filter(
        school=person.school_id,
        state__in=(UploadState.MAPPING, UploadState.CHECKED),
        created_at__gte=now - TOLD_FOR,
    )
    return [_concern(each) for each in open_ones.select_related("file").defer(*LONG_FIELDS)[:limit]]


def _concern(upload: Upload) -> Concern:
    return Concern(
        title=upload.file.name,
        what=_("Upload"),
        says=_to_decide(upload),
        address=reverse("uploads:show", args=[upload.pk]),
        label=upload.state_now,
        at=upload.created_at,
    )


def _to_decide(upload: Upload) -> str:
    if upload.state == UploadState.MAPPING:
        return _("Say what its columns are; then it is checked.")
    good, wrong = count(upload.good_rows, "row"), count(upload.wrong_rows, "row")
    if upload.is_held_back or not upload.good_rows:
        says = (
            _("Nothing was imported; {wrong} cannot be used. Correct what is wrong, or upload another file.")
            if upload.wrong_rows
            else _("Nothing was imported. Correct what is wrong, or upload another file.")
        )
    elif upload.wrong_rows:
        says = _("{good} can be imported; {wrong} cannot be used.")
    else:
        says = _("{good} can be imported.")
    return says.format(good=good, wrong=wrong)


def students_of(school: School, *, chosen: StudentFilter) -> QuerySet[Student, Any]:
    """Return the school's students that are meant, by name, with their documents."""
    documents = StudentDocument.objects.select_related("file").order_by("document_type")
    found: QuerySet[Student, Any] = matching(Student.objects.filter(school=school), chosen=chosen)
    return found.order_by("last_name", "first_name", "id").prefetch_related(
        Prefetch("documents", queryset=documents)
    )
