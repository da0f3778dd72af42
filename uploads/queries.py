"""What pages read of uploads and students."""

from typing import Any

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from jobs.directory import StudentFilter
from jobs.models import Person, School
from uploads.models import Student, StudentDocument, Upload, UploadState
from uploads.students import matching


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


def students_of(school: School, *, chosen: StudentFilter) -> QuerySet[Student, Any]:
    """Return the school's students that are meant, by name, with their documents."""
    documents = StudentDocument.objects.select_related("file").order_by("document_type")
    found: QuerySet[Student, Any] = matching(Student.objects.filter(school=school), chosen=chosen)
    return found.order_by("last_name", "first_name", "id").prefetch_related(
        Prefetch("documents", queryset=documents)
    )
