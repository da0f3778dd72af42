"""Receiving a data file: it is stored, and its check is submitted."""

from pathlib import PurePath
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from jobs import files
from jobs.models import Person, School
from jobs.submission import submit
from uploads.models import Upload


@transaction.atomic
def receive(*, file: "UploadedFile[bytes]", key: UUID, school: School, by: Person) -> Upload:
    """Store the file and submit its check; a second call with the same key returns the first's upload."""
    known = Upload.objects.filter(school=school, key=key).first()
    if known is not None:
        return known
    name = PurePath(file.name or "students.csv").name[-200:]
    stored = files.store(school=school, name=name, media_type="text/csv", content=file, by=by)
    upload, is_new = Upload.objects.get_or_create(
        school=school, key=key, defaults={"created_by": by, "file": stored}
    )
    if is_new:
        rows = _rows(file)
        upload.check_job = submit(
            kind="uploads.check",
            school=school,
            by=by,
            arguments={"upload": upload.pk},
            key=f"upload-{upload.pk}",
            units=rows,
            sizes={"rows": rows, "bytes": stored.size},
            title=f"Check of {name}"[:200],
        )
        upload.save(update_fields=["check_job"])
    return upload


def _rows(file: "UploadedFile[bytes]") -> int:
    """Return about how many rows the file has, by its lines; the check counts the rows themselves."""
    file.seek(0)
    return max(0, sum(block.count(b"\n") for block in file.chunks()) - 1)
