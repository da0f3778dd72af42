"""Opening a stored document, or saying in a sentence why it cannot be in a packet."""

from contextlib import ExitStack
from typing import BinaryIO, cast

import pikepdf

from jobs.directory import Document
from jobs.sections import MEGABYTE
from jobs.settings import switchyard

GONE = "The document was removed before the packet was built."
FILE_LOST = "The stored file cannot be found; upload the document again."
EMPTY = "The file is empty; upload the document again."
DAMAGED = "The file is damaged or is not a PDF; ask for a new copy."
INCOMPLETE = "The file is damaged and some of its pages are lost; ask for a new copy."
PASSWORD = "It needs a password to open; ask for a copy without one."  # noqa: S105 - a sentence
PROTECTED = "It is encrypted against changes; ask for a copy without protection."
NO_PAGES = "It has no pages; ask for a new copy."
TOO_HEAVY = (
    "It was to be read together with others, and one of them, or all, need too much memory; leave the "
    "largest out and build the packet again."
)
FAILED_PART = "It could not be read because of a fault on our side; build the packet again."


class Unusable(Exception):
    """The document cannot be in a packet; the message is a sentence for the person who asked for it."""


def open_document(document: Document, *, sources: ExitStack) -> pikepdf.Pdf:
    """Open the PDF of `document` and return it; it stays open until `sources` closes.

    A file whose cross-reference table is damaged is refused rather than repaired: a repair can lose
    pages without a word. For the same reason the page count must be the one that the file declares.
    Streams are not decoded, so a page whose own content is damaged is not noticed.

    Raises:
        Unusable: the file is lost, empty, too large, damaged, encrypted, or has no pages.
    """
    try:
        _check_size(document.file.size)
        stream = cast("BinaryIO", sources.enter_context(document.file.open("rb")))
        pdf = sources.enter_context(
            pikepdf.open(stream, attempt_recovery=False, inherit_page_attributes=False)
        )
        _check_pages(pdf)
    except FileNotFoundError as error:
        raise Unusable(FILE_LOST) from error
    except pikepdf.PasswordError as error:
        raise Unusable(PASSWORD) from error
    except pikepdf.PikepdfError as error:
        raise Unusable(DAMAGED) from error
    return pdf


def _check_size(size: int) -> None:
    limit = switchyard().files.document_megabytes
    if size == 0:
        raise Unusable(EMPTY)
    if size > limit * MEGABYTE:
        message = (
            f"It has {size / MEGABYTE:.1f} MB; a document may have {limit:g} MB. Ask for a smaller copy."
        )
        raise Unusable(message)


def _check_pages(pdf: pikepdf.Pdf) -> None:
    if pdf.is_encrypted:
        raise Unusable(PROTECTED)
    tree = pdf.Root.get("/Pages")
    declared = tree.get("/Count") if isinstance(tree, pikepdf.Dictionary) else None
    found = len(pdf.pages)
    if declared != found:
        raise Unusable(INCOMPLETE)
    if not found:
        raise Unusable(NO_PAGES)
