"""Parting a packet: each student's own PDF, in ZIP archives that a mailing can take."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO
from unicodedata import normalize
from zipfile import ZipFile, ZipInfo

from jobs.directory import directory
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from packets.binding import Binder
from packets.book import Book, BookStudent
from packets.layout import PLAIN
from packets.models import Packet, PacketStudent

ENTRY_BYTES = 500
"""More than an archive has of a file besides its content."""
NAMEABLE = re.compile(r"[^\W_]+(?:(?:(?![/\\])[\W_])+[^\W_]+){0,3}")
"""Numbers that a file's name can have, and that are read back whole: four words at most, no slash."""


def write_archives(
    packet: Packet, book: Book, students: Sequence[PacketStudent], *, opened: ExitStack
) -> list[IO[bytes]]:
    """Write the PDF of each student into ZIP archives, which `opened` closes, and return these.

    Each is small enough to be uploaded. The same pages always make the same bytes.
    """
    most = int(switchyard().files.upload_megabytes * MEGABYTE)
    outputs: list[IO[bytes]] = []
    archive: ZipFile | None = None
    room = 0
    with ExitStack() as archives:
        for name, content in _own_files(packet, book, students):
            if archive is None or len(content) + ENTRY_BYTES > room:
                output = opened.enter_context(TemporaryFile())
                outputs.append(output)
                archive, room = archives.enter_context(ZipFile(output, "w")), most
            archive.writestr(ZipInfo(name), content)
            room -= len(content) + ENTRY_BYTES
    return outputs


def _own_files(packet: Packet, book: Book, students: Sequence[PacketStudent]) -> Iterator[tuple[str, bytes]]:
    """Yield each PDF and its name, the student's number.

    Whoever has left the directory has none, nor has a student by whose number a mailing could take the file
    for another's: `2024/0417` for that of `0417`.
    """
    ids = [student.student_id for student in students]
    found = directory().students_by_id(school_id=packet.school_id, ids=ids)
    for student_id, own in zip(ids, book.students, strict=True):
        number = normalize("NFC", found[student_id].number) if student_id in found else ""
        if NAMEABLE.fullmatch(number):
            yield f"{number}.pdf", own_pdf(own)


def own_pdf(student: BookStudent) -> bytes:
    """Return the student's documents alone, as one PDF."""
    output = BytesIO()
    binder = Binder(output, layout=PLAIN)
    at = 0
    for document in student.documents:
        with document.open() as source:
            binder.add(source, at=range(at, at + document.pages))
        at += document.pages
    binder.end(title=student.name, marks=(), places={})
    return output.getvalue()
