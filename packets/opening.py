"""Opening a document in the child process that normalises it, or saying why it cannot be used."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf

from packets.converting import NotConverted, as_pdf
from packets.losses import is_whole
from packets.marking import gettext_noop

EMPTY = gettext_noop("The file is empty; upload the document again.")
DAMAGED = gettext_noop("The file is damaged or is not a PDF; ask for a new copy.")
INCOMPLETE = gettext_noop("The file is damaged and some of its pages are lost; ask for a new copy.")
PASSWORD = gettext_noop("It needs a password to open; ask for a copy without one.")
PROTECTED = gettext_noop("It is encrypted against changes; ask for a copy without protection.")
NO_PAGES = gettext_noop("It has no pages; ask for a new copy.")
READING: Mapping[str, Any] = {"inherit_page_attributes": False, "suppress_warnings": True}
TOO_MANY_PAGES = gettext_noop("It has {pages:,} pages; a document may have {most:,}. Ask for a shorter copy.")


class Unusable(Exception):
    """The document cannot be in a packet; the message is a sentence for the person who asked for it."""

    def __init__(self, sentence: str, *, is_lasting: bool = True, **values: int) -> None:
        """Say why, with `values` in the sentence; `is_lasting` unless it hangs on limits that may change."""
        super().__init__(sentence.format(**values) if values else sentence)
        self.sentence, self.values, self.is_lasting = sentence, values, is_lasting


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A document that can be used."""

    pdf: pikepdf.Pdf
    is_repaired: bool = False


def open_source(source: Path, *, folder: Path, most_pages: int, stack: ExitStack) -> Opened:
    """Open the document at the path `source`, until `stack` closes, if it has at most so many pages.

    Of a picture or a text a PDF is made first, in `folder`.

    One whose cross-reference table is damaged is repaired where nothing is lost by that.

    Raises:
        Unusable: it is empty, damaged, encrypted, has no pages or too many.
    """
    if not source.stat().st_size:
        raise Unusable(EMPTY)
    try:
        opened = _open(as_pdf(source, folder=folder), stack=stack)
    except NotConverted as error:
        raise Unusable(str(error), is_lasting=error.is_lasting) from error
    if (count := len(opened.pdf.pages)) > most_pages:
        raise Unusable(TOO_MANY_PAGES, is_lasting=False, pages=count, most=most_pages)
    return opened


def _open(source: Path, *, stack: ExitStack) -> Opened:
    try:
        pdf = stack.enter_context(pikepdf.open(source, **READING, attempt_recovery=False))
        _check_pages(pdf)
    except pikepdf.PasswordError as error:
        raise Unusable(PASSWORD) from error
    except pikepdf.PikepdfError as error:
        repaired = _repair(source, stack=stack)
        if repaired is None:
            raise Unusable(DAMAGED) from error
        return Opened(pdf=repaired, is_repaired=True)
    return Opened(pdf=pdf)


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


def _repair(source: Path, *, stack: ExitStack) -> pikepdf.Pdf | None:
    """Return the document with its cross-reference table made anew; None where pages are lost."""
    try:
        pdf = stack.enter_context(pikepdf.open(source, **READING, attempt_recovery=True))
        _check_pages(pdf)
        return pdf if is_whole(source.read_bytes(), pdf) else None
    except Unusable as unusable:
        if str(unusable) in {PROTECTED, NO_PAGES}:
            raise
        return None
    except pikepdf.PikepdfError:
        return None
