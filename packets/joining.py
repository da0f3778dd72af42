"""Finishing a packet: what its parts made ready is bound into one PDF."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from tempfile import NamedTemporaryFile
from typing import IO

import structlog
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from jobs.files import store
from jobs.models import IDLE_STATES, Attempt, AttemptOutcome, Job, PartState, Step
from jobs.retries import PermanentFailure
from packets import expiring, pictures
from packets.checking import FAILED_PART, TOO_HEAVY
from packets.file_names import file_names
from packets.layout import Layout
from packets.models import Chunk, LeftOut, Packet, PacketStudent, chunk_folder
from packets.parting import write_archives
from packets.planning import NOTHING_RELEASED
from packets.shelving import shelve
from packets.writing import MOST_OUTPUTS, write_output

log = structlog.get_logger()


def join(packet: Packet, *, job: Job, check: Callable[[], None]) -> None:
    """Write the packet's result, then remove its chunks; may run twice.

    `check` is called between two documents and raises what ends the work there. Documents of a part that
    failed for good are noted as left out.

    Raises:
        PermanentFailure: there is no page to put into it.
        TemporaryFailure: the storage lost a piece; the next attempt makes it again.
    """
    if not packet.is_built:
        if _is_too_early(job):
            log.info("packet_joined_too_early", job=job.pk, packet=packet.pk)
            return
        _note_failed_parts(packet, job=job)
        chunks = list(_chunks(packet).filter(documents__gte=1).order_by("number"))
        book, students = shelve(packet, job=job, chunks=chunks)
        if not students:
            raise PermanentFailure(_nothing_usable(packet))
        with ExitStack() as opened:
            empty = [opened.enter_context(NamedTemporaryFile()) for _ in range(MOST_OUTPUTS)]
            output, shown, bound = write_output(packet, book, empty=empty, check=check)
            archives = write_archives(packet, book, students, opened=opened) if packet.has_own_files else []
            for student, page in zip(students, bound.first_pages, strict=True):
                student.first_page = page
            drawn = pictures.draw(shown.name)
            check()
            files = [output, *archives]
            _keep(packet, job=job, pages=bound.pages, students=students, outputs=files, drawn=drawn)
    remove_chunk_files(packet, newest=packet.edition)


def remove_chunk_files(packet: Packet, *, newest: int | None = None) -> None:
    """Remove the files of chunks up to the edition `newest`, also those that a dead worker never noted."""
    folder = chunk_folder(packet)
    if not default_storage.exists(folder):
        return
    names = default_storage.listdir(folder)[1]
    old = [name for name in names if newest is None or _edition_of(name) <= newest]
    for name in old:
        default_storage.delete(f"{folder}/{name}")
    if len(old) == len(names):
        default_storage.delete(folder)


def _keep(
    packet: Packet,
    *,
    job: Job,
    pages: int,
    students: Sequence[PacketStudent],
    outputs: Sequence[IO[bytes]],
    drawn: Mapping[int, bytes],
) -> None:
    names = file_names(
        packet.title, archives=len(outputs) - 1, is_bundle=Layout.read(packet.layout).output != "packet"
    )
    with transaction.atomic():
        now = Packet.objects.select_for_update().get(pk=packet.pk)
        if now.is_built or now.edition != packet.edition:
            return
        before = list(job.files.all())
        result, *_ = [
            store(
                school=packet.school,
                name=name,
                media_type="application/zip" if name.endswith(".zip") else "application/pdf",
                content=File(output),
                by=packet.created_by,
                job=job,
            )
            for name, output in zip(names, outputs, strict=True)
        ]
        Packet.objects.filter(pk=packet.pk).update(
            result=result,
            pages=pages,
            built=packet.edition,
            held=sorted(student.student_id for student in students),
            **expiring.kept_from_now(packet),
        )
        PacketStudent.objects.bulk_update(students, ["first_page"], batch_size=500)
        pictures.keep(drawn, of=result, school=packet.school)
        packet.chunks.all().delete()
        pictures.discard_shown(before)


def _note_failed_parts(packet: Packet, *, job: Job) -> None:
    made = set(_chunks(packet).values_list("number", flat=True))
    planned = job.parts.filter(step=Step.WORK).exclude(state=PartState.RETIRED)
    ends = Attempt.objects.filter(part=OuterRef("pk")).order_by("-id")
    students = {student.student_id: student for student in packet.students.all()}
    LeftOut.objects.bulk_create(
        (
            LeftOut(
                school_id=packet.school_id,
                packet=packet,
                student=students[student_id],
                document_id=document_id,
                reason=str(TOO_HEAVY if last == AttemptOutcome.OVER_MEMORY else FAILED_PART),
            )
            for arguments, last in planned.values_list("arguments", Subquery(ends.values("outcome")[:1]))
            if arguments["number"] not in made
            for student_id, ids in arguments["documents"]
            for document_id in ids
        ),
        ignore_conflicts=True,
    )


def _nothing_usable(packet: Packet) -> str:
    count = packet.left_out.count()
    if not count:
        return str(NOTHING_RELEASED)
    if count == 1:
        return _("The only document could not be used; the reason is in the list below.")
    return _("None of the {count} documents could be used; the reason for each is in the list below.").format(
        count=count
    )


def _is_too_early(job: Job) -> bool:
    """Say whether the job was retried meanwhile, so that another finish follows after its parts."""
    before = job.parts.filter(step__in=(Step.PLAN, Step.WORK))
    return before.filter(state__in=(*IDLE_STATES, PartState.WORKING)).exists()


def _chunks(packet: Packet) -> QuerySet[Chunk]:
    chunks: QuerySet[Chunk] = packet.chunks.filter(edition=packet.edition)
    return chunks


def _edition_of(name: str) -> int:
    """Return the edition in the name of a chunk's file; those of before there were editions have none."""
    edition, dash, _ = name.partition("-")
    return int(edition) if dash and edition.isdigit() else 0
