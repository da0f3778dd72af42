"""A packet as a ZIP archive: a PDF for each student, named by their names, with or without the whole."""

import shutil
from collections.abc import Callable
from typing import IO
from zipfile import ZipFile, ZipInfo

from packets.book import Book
from packets.file_names import different_names, plain_name
from packets.parting import own_pdf

FOLDER = "Students/"
"""Of the students' own PDFs beside the whole."""


def bundle(book: Book, whole: IO[bytes] | None, *, output: IO[bytes], check: Callable[[], None]) -> None:
    """Write the archive to `output`, which is empty; the same pages always make the same bytes.

    `check` is called for each student and raises what ends the work there.
    """
    folder = FOLDER if whole is not None else ""
    with ZipFile(output, "w") as archive:
        if whole is not None:
            whole.seek(0)
            entry = ZipInfo(f"{plain_name(book.title)}.pdf")
            with archive.open(entry, "w", force_zip64=True) as place:
                shutil.copyfileobj(whole, place)
        names = different_names(student.name for student in book.students)
        for student, name in zip(book.students, names, strict=True):
            check()
            archive.writestr(ZipInfo(f"{folder}{name}.pdf"), own_pdf(student))
    output.flush()
