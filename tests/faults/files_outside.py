"""The files that people get, page by page, and the rows of the files that they gave."""

import hashlib
from collections import Counter
from dataclasses import astuple
from typing import BinaryIO, cast

from pypdf import PdfReader
from pypdf.generic import ArrayObject

from jobs.models import JobState, School, StoredFile
from packets.models import Packet
from tests.faults.data_files import DataFile, imported
from tests.faults.verdict import Verdict
from uploads.models import Student, StudentDocument, Upload, UploadState


def judge_packets(verdict: Verdict) -> None:
    """A packet that is done is one file with the pages of its documents, each once and in order."""
    seen: dict[int, list[str]] = {}
    for packet in Packet.objects.filter(job__state__in=(JobState.DONE, JobState.PROBLEMS)):
        count = StoredFile.objects.filter(job=packet.job_id).count()
        if packet.result is None or not packet.is_built or not _is_stored(packet.result):
            verdict.lost.append(f"packet {packet.pk} is done but has no whole file")
            continue
        if count > 1:
            verdict.doubled.append(f"packet {packet.pk} has {count} results")
        wanted = [page for document in _documents_of(packet) for page in _pages(document.file, seen)]
        _judge_pages(verdict, packet, wanted=wanted, bound=_bound_pages(packet.result))
        verdict.compared["packets"] += 1


def _judge_pages(verdict: Verdict, packet: Packet, *, wanted: list[str], bound: list[str]) -> None:
    set_itself = _set_itself(packet)
    found = [page for index, page in enumerate(bound) if index not in set_itself]
    verdict.compared["pages"] += len(found)
    missing, added = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    if missing:
        verdict.lost.append(f"packet {packet.pk} lacks {missing.total()} of {len(wanted)} pages")
    if added:
        verdict.doubled.append(f"packet {packet.pk} has {added.total()} pages more than its documents")
    if not missing and not added and found != wanted:
        verdict.wrong.append(f"packet {packet.pk} has its pages in another order")
    if packet.pages != len(bound):
        verdict.wrong.append(f"packet {packet.pk} says {packet.pages} pages and has {len(bound)}")


def _set_itself(packet: Packet) -> set[int]:
    """Return the indexes of pages that are of no document: cover, contents, dividers, notes."""
    places = packet.students.filter(pages__gte=1).values_list("first_page", "pages")
    own = {index for first, pages in places for index in range(first - 1, first - 1 + pages)}
    return set(range(packet.pages)) - own


def _documents_of(packet: Packet) -> list[StudentDocument]:
    """Return the documents that must be in it: those of its students and types, but for what was left out."""
    left_out = set(packet.left_out.values_list("document_id", flat=True))
    places = {pk: place for place, pk in enumerate(packet.students.values_list("student_id", flat=True))}
    documents = StudentDocument.objects.select_related("file").filter(
        student_id__in=places, document_type__in=packet.document_types
    )
    return sorted(
        (document for document in documents if document.pk not in left_out),
        key=lambda each: (places[each.student_id], packet.document_types.index(each.document_type)),
    )


def _is_stored(file: StoredFile) -> bool:
    content = file.content
    return content.storage.exists(content.name) and content.size == file.size


def _pages(file: StoredFile, seen: dict[int, list[str]]) -> list[str]:
    """Return a digest of what is drawn on each page."""
    if file.pk not in seen:
        seen[file.pk] = [_digest(streams) for streams in _drawn(file)]
    return seen[file.pk]


def _bound_pages(file: StoredFile) -> list[str]:
    """Return the same of the pages of a packet, which puts a stream before and one behind what they draw."""
    return [_digest(streams[1:-1]) for streams in _drawn(file)]


def _drawn(file: StoredFile) -> list[list[bytes]]:
    """Return the streams that each page draws, read by another library than the one that wrote them."""
    with file.content.open("rb") as content:
        found = [page.get("/Contents") for page in PdfReader(cast("BinaryIO", content)).pages]
        contents = [None if each is None else each.get_object() for each in found]
        lists = [each if isinstance(each, ArrayObject) else [each] for each in contents]
        return [[each.get_object().get_data() for each in streams if each is not None] for streams in lists]


def _digest(streams: list[bytes]) -> str:
    return hashlib.sha256(b"\n".join(streams)).hexdigest()


def judge_uploads(verdict: Verdict, *, school: School, files: dict[int, DataFile]) -> None:
    """The school has each imported row once, as the newest file said it, and no row of any other file."""
    done = Upload.objects.filter(import_job__state=JobState.DONE).exclude(state=UploadState.IMPORTED)
    verdict.lost += [f"the import of upload {upload.pk} is done but not noted" for upload in done]
    gone = files.keys() - set(Upload.objects.values_list("pk", flat=True))
    verdict.lost += [f"upload {pk} was taken and is not there" for pk in gone]
    uploads = list(Upload.objects.filter(state=UploadState.IMPORTED).order_by("imported_at"))
    wanted, counts = imported(files[upload.pk] for upload in uploads)
    for upload, count in zip(uploads, counts, strict=True):
        told = (upload.new_rows, upload.changed_rows, upload.unchanged_rows)
        if told != astuple(count) or upload.wrong_rows != len(files[upload.pk].wrong):
            verdict.wrong.append(f"upload {upload.pk} counts {told}, its file makes {count}")
    _judge_rows(verdict, school=school, wanted=wanted)


def _judge_rows(verdict: Verdict, *, school: School, wanted: dict[str, tuple[str, ...]]) -> None:
    fields = ("number", "first_name", "last_name", "email", "major", "graduation_year")
    given = Student.objects.filter(school=school, number__regex="^[UX]")
    found = {row[0]: tuple(map(str, row)) for row in given.values_list(*fields)}
    verdict.compared["rows"] = len(found)
    verdict.lost += [f"row {number} was imported and is not there" for number in wanted.keys() - found.keys()]
    verdict.wrong += [f"row {number} was never imported" for number in found.keys() - wanted.keys()]
    changed = [number for number in wanted.keys() & found.keys() if wanted[number] != found[number]]
    verdict.wrong += [f"row {number} is not as the newest file said it" for number in changed]
