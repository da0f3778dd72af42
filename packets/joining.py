"""Finishing a packet: its chunks joined in order, with a bookmark for each student."""

import re
from collections.abc import Iterable
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast

import pikepdf
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from jobs.files import store
from jobs.models import Job, Step
from jobs.retries import PermanentFailure
from packets.assembly import save
from packets.checking import FAILED_PART
from packets.models import Chunk, DocumentType, LeftOut, Packet, chunk_folder


def join(packet: Packet, *, job: Job) -> None:
    """Write the packet's result, then remove its chunks; may run twice.

    Documents of a part that failed for good are noted as left out.

    Raises:
        PermanentFailure: there is no page to put into it.
    """
    if packet.result_id is None:
        _note_failed_parts(packet, job=job)
        chunks = list(packet.chunks.filter(documents__gte=1).order_by("number"))
        if not chunks:
            raise PermanentFailure(_nothing_usable(packet))
        with TemporaryFile() as output:
            pages = _write(packet, chunks, output=output)
            _keep(packet, job=job, pages=pages, output=output)
    _remove_chunk_files(packet)


def file_name(title: str) -> str:
    """Return the name that a download of the packet gets: the title without what file systems refuse."""
    plain = re.sub(r"[^\w ,.()&'-]+", " ", title)
    return f"{' '.join(plain.split()).strip('. ') or 'Packet'}.pdf"


def _write(packet: Packet, chunks: list[Chunk], *, output: IO[bytes]) -> int:
    pdf = pikepdf.new()
    with ExitStack() as sources:
        for chunk in chunks:
            stream = cast("BinaryIO", sources.enter_context(chunk.file.open("rb")))
            pdf.pages.extend(sources.enter_context(pikepdf.open(stream)).pages)
        _add_bookmarks(pdf, packet, chunks)
        pdf.docinfo["/Title"] = packet.title
        pdf.Root.PageMode = pikepdf.Name.UseOutlines
        save(pdf, output)
    return len(pdf.pages)


def _add_bookmarks(pdf: pikepdf.Pdf, packet: Packet, chunks: Iterable[Chunk]) -> None:
    names = dict(packet.students.values_list("student_id", "name"))
    page = 0
    with pdf.open_outline() as outline:
        for entry in (entry for chunk in chunks for entry in chunk.contents):
            student = pikepdf.OutlineItem(names[entry["student"]], page)
            student.is_closed = True
            for document_type, pages in entry["documents"]:
                student.children.append(pikepdf.OutlineItem(DocumentType(document_type).label, page))
                page += pages
            outline.root.append(student)


def _keep(packet: Packet, *, job: Job, pages: int, output: IO[bytes]) -> None:
    with transaction.atomic():
        if Packet.objects.select_for_update().get(pk=packet.pk).result_id is not None:
            return
        result = store(
            school=packet.school,
            name=file_name(packet.title),
            media_type="application/pdf",
            content=File(output),
            by=packet.created_by,
            job=job,
        )
        Packet.objects.filter(pk=packet.pk).update(result=result, pages=pages)
        packet.chunks.all().delete()


def _note_failed_parts(packet: Packet, *, job: Job) -> None:
    made = set(packet.chunks.values_list("number", flat=True))
    students = {student.student_id: student for student in packet.students.all()}
    LeftOut.objects.bulk_create(
        (
            LeftOut(
                school_id=packet.school_id,
                packet=packet,
                student=students[student_id],
                document_id=document_id,
                reason=FAILED_PART,
            )
            for arguments in job.parts.filter(step=Step.WORK).values_list("arguments", flat=True)
            if arguments["number"] not in made
            for student_id, ids in arguments["documents"]
            for document_id in ids
        ),
        ignore_conflicts=True,
    )


def _nothing_usable(packet: Packet) -> str:
    count = packet.left_out.count()
    if count == 1:
        return "The only document could not be used; the reason is in the list below."
    return f"None of the {count} documents could be used; the reason for each is in the list below."


def _remove_chunk_files(packet: Packet) -> None:
    """Remove the whole folder: it may also hold a file whose worker died before it was noted."""
    folder = chunk_folder(packet)
    if not default_storage.exists(folder):
        return
    for name in default_storage.listdir(folder)[1]:
        default_storage.delete(f"{folder}/{name}")
    default_storage.delete(folder)
