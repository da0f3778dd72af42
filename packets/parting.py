"""Parting a packet: each student's own PDF, in ZIP archives that a mailing can take."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast
from unicodedata import normalize
from zipfile import ZipFile, ZipInfo

import pikepdf

from jobs.directory import Student, directory
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from packets.assembly import save
from packets.models import Chunk, Packet

ENTRY_BYTES = 500
"""More than an archive has of a file besides its content."""
NAMEABLE = re.compile(r"[^\W_]+(?:(?:(?![/\\])[\W_])+[^\W_]+){0,3}")
"""Numbers that a file's name can have, and that are read back whole: four words at most, no slash."""


def write_archives(packet: Packet, chunks: Iterable[Chunk], *, opened: ExitStack) -> list[IO[bytes]]:
    """Write the PDF of each student into ZIP archives, which `opened` closes, and return these.

    Each is small enough to be uploaded. The same pages always make the same bytes.
    """
    most = int(switchyard().files.upload_megabytes * MEGABYTE)
    outputs: list[IO[bytes]] = []
    archive: ZipFile | None = None
    room = 0
    with ExitStack() as archives:
        for name, content in _own_files(packet, chunks):
            if archive is None or len(content) + ENTRY_BYTES > room:
                output = opened.enter_context(TemporaryFile())
                outputs.append(output)
                archive, room = archives.enter_context(ZipFile(output, "w")), most
            archive.writestr(ZipInfo(name), content)
            room -= len(content) + ENTRY_BYTES
    return outputs


def _own_files(packet: Packet, chunks: Iterable[Chunk]) -> Iterator[tuple[str, bytes]]:
    """Yield each PDF and its name, the student's number.

    Whoever has left the directory has none, nor has a student by whose number a mailing could take the file
    for another's: `2024/0417` for that of `0417`.
    """
    ids = packet.students.values_list("student_id", flat=True)
    students = directory().students_by_id(school_id=packet.school_id, ids=list(ids))
    for chunk in chunks:
        yield from _own_files_in(chunk, students=students)


def _own_files_in(chunk: Chunk, *, students: Mapping[int, Student]) -> Iterator[tuple[str, bytes]]:
    with chunk.file.open("rb") as file, pikepdf.open(cast("BinaryIO", file)) as source:
        for student_id, first, end in _places(chunk):
            number = normalize("NFC", students[student_id].number) if student_id in students else ""
            if NAMEABLE.fullmatch(number):
                yield f"{number}.pdf", _pages(source, first=first, end=end)


def _places(chunk: Chunk) -> Iterator[tuple[int, int, int]]:
    """Yield each student with their first page in the chunk, from 0, and that behind their last."""
    end = 0
    for entry in chunk.contents:
        first, end = end, end + sum(pages for _, pages in entry["documents"])
        yield entry["student"], first, end


def _pages(source: pikepdf.Pdf, *, first: int, end: int) -> bytes:
    output = BytesIO()
    with pikepdf.new() as pdf:
        pdf.pages.extend(source.pages[first:end])
        save(pdf, output)
    return output.getvalue()
