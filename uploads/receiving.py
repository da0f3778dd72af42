"""Receiving a data file: it is stored, and its check is submitted, or it waits for what its columns are."""

from mimetypes import guess_type
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from jobs import files
from jobs.models import Person, School, StoredFile
from uploads.datasets import DATASETS
from uploads.models import Upload, UploadState
from uploads.reading import Look
from uploads.rechecking import begin_check
from uploads.remembering import suggestion_for
from uploads.tables.archives import OLD_WORKBOOK_START, ZIP_START

PACKED_ROW_BYTES = 40
"""Of a workbook, about."""
SAMPLES_KEPT, LONGEST_SAMPLE = 5, 60


@transaction.atomic
def receive(
    *,
    file: "UploadedFile[bytes]",
    key: UUID,
    school: School,
    by: Person | None,
    dataset: str = "students",
    sheet: str = "",
    needs_all: bool = False,
    wants_mail: bool = False,
    look: Look | None = None,
    is_asked: bool = False,
    program: str = "",
) -> Upload:
    """Store the file and submit its check; a second call with the same key returns the first's upload.

    With a `look` at its beginning it waits for a person to say what its columns are, unless that is sure:
    where that person `is_asked` on a page, only a file with our own headings and no other goes on at once.
    """
    known = Upload.objects.filter(school=school, key=key).first()
    if known is not None:
        return known
    stored = _stored(file, school=school, by=by)
    asked = {"created_by": by, "file": stored, "dataset": dataset, "sheet": sheet, "needs_all": needs_all}
    asked["wants_mail"] = wants_mail
    seen = _seen(look, dataset=dataset, school=school, is_asked=is_asked) if look else {}
    upload, is_new = Upload.objects.get_or_create(
        school=school, key=key, defaults={**asked, **seen, "rows_about": _rows(file)}
    )
    if is_new and upload.state == UploadState.CHECKING:
        begin_check(upload=upload, by=by, program=program)
        upload.refresh_from_db()
    return upload


@transaction.atomic
def receive_unreadable(
    *, file: "File[bytes]", key: UUID, school: School, by: Person | None, dataset: str, reason: str
) -> Upload:
    """Store a file that cannot be read with the reason, so that its school sees it; once for each key."""
    asked = {"created_by": by, "file": _stored(file, school=school, by=by), "dataset": dataset}
    upload, _ = Upload.objects.get_or_create(
        school=school, key=key, defaults={**asked, "state": UploadState.REFUSED, "reason": reason}
    )
    return upload


def _stored(file: "File[bytes]", *, school: School, by: Person | None) -> StoredFile:
    name = PurePath(files.uploaded_name(file) or "students.csv").name[-200:]
    media_type = guess_type(name)[0] or "text/csv"
    return files.store(school=school, name=name, media_type=media_type, content=file, by=by)


def _seen(look: Look, *, dataset: str, school: School, is_asked: bool) -> dict[str, Any]:
    """Return what an upload keeps of the look, and whether somebody must say what the columns are."""
    suggestion, _ = suggestion_for(look.headings, dataset=DATASETS[dataset], school_id=school.pk)
    goes_on = suggestion.needs_nobody if is_asked else suggestion.is_sure
    return {
        "headings": list(look.headings),
        "samples": samples_of(look),
        "places": dict(suggestion.places) if goes_on else None,
        "state": UploadState.CHECKING if goes_on else UploadState.MAPPING,
    }


def samples_of(look: Look) -> list[list[str]]:
    """Return the first few values in each column that differ."""
    columns: list[list[str]] = []
    for place in range(len(look.headings)):
        cells = (row[place].strip()[:LONGEST_SAMPLE] for row in look.sample if place < len(row))
        columns.append(list(dict.fromkeys(filter(None, cells)))[:SAMPLES_KEPT])
    return columns


def _rows(file: "UploadedFile[bytes]") -> int:
    """Return about how many rows the file has, by its lines or its size; the check counts the rows."""
    file.seek(0)
    if file.read(len(ZIP_START)) in {ZIP_START, OLD_WORKBOOK_START}:
        return max(1, (file.size or 0) // PACKED_ROW_BYTES)
    file.seek(0)
    return max(0, sum(block.count(b"\n") for block in file.chunks()) - 1)
