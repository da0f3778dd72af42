"""Receiving a data file: it is stored, and its check is submitted."""

from mimetypes import guess_type
from pathlib import PurePath
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from jobs import files
from jobs.models import Person, School
from jobs.submission import submit
from uploads.models import Upload
from uploads.tables.archives import OLD_WORKBOOK_START, ZIP_START

PACKED_ROW_BYTES = 40
"""Of a workbook, about."""


@transaction.atomic
def receive(
    *,
    file: "UploadedFile[bytes]",
    key: UUID,
    school: School,
    by: Person,
    dataset: str = "students",
    sheet: str = "",
    needs_all: bool = False,
) -> Upload:
    """Store the file and submit its check; a second call with the same key returns the first's upload."""
    known = Upload.objects.filter(school=school, key=key).first()
    if known is not None:
        return known
    name = PurePath(files.uploaded_name(file) or "students.csv").name[-200:]
    media_type = guess_type(name)[0] or "text/csv"
    stored = files.store(school=school, name=name, media_type=media_type, content=file, by=by)
    asked = {"created_by": by, "file": stored, "dataset": dataset, "sheet": sheet, "needs_all": needs_all}
    upload, is_new = Upload.objects.get_or_create(school=school, key=key, defaults=asked)
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
    """Return about how many rows the file has, by its lines or its size; the check counts the rows."""
    file.seek(0)
    if file.read(len(ZIP_START)) in {ZIP_START, OLD_WORKBOOK_START}:
        return max(1, (file.size or 0) // PACKED_ROW_BYTES)
    file.seek(0)
    return max(0, sum(block.count(b"\n") for block in file.chunks()) - 1)
