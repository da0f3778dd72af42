"""Setting the demo's résumés and transcripts: one long document for a school, split at its outline."""

import json
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pikepdf
import typst

SECRET = "let me in"  # noqa: S105  it locks a demo document on purpose


def set_documents(*, document_type: str, records: list[dict[str, Any]]) -> Iterator[bytes]:
    """Set the `resume` or `transcript` of each of the records and yield the PDF files in their order."""
    template = Path(__file__).with_name(f"{document_type}.typ")
    compiler = typst.Compiler(
        template,
        font_paths=typst.Fonts(include_system_fonts=False),
        sys_inputs={"records": json.dumps(records)},
    )
    whole = compiler.compile(format="pdf", pdf_tags=False, timestamp=0)
    with pikepdf.open(BytesIO(cast("bytes", whole))) as pdf:
        starts = [*_starts(pdf), len(pdf.pages)]
        for first, end in pairwise(starts):
            yield _cut(pdf, first=first, end=end)


def _starts(pdf: pikepdf.Pdf) -> list[int]:
    numbers = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}
    with pdf.open_outline() as outline:
        return [numbers[cast("pikepdf.Array", item.destination)[0].objgen] for item in outline.root]


def _cut(pdf: pikepdf.Pdf, *, first: int, end: int) -> bytes:
    piece = BytesIO()
    with pikepdf.new() as single:
        single.pages.extend(pdf.pages[first:end])
        single.save(piece, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return piece.getvalue()


def break_off(document: bytes) -> bytes:
    """Return the document as an interrupted copy left it."""
    return document[: len(document) // 10]


def lock(document: bytes) -> bytes:
    """Return the document behind a password that nobody noted."""
    locked = BytesIO()
    with pikepdf.open(BytesIO(document)) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(user=SECRET, owner=SECRET))
    return locked.getvalue()
