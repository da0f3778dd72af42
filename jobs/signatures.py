"""What a file is by its first bytes, held against what its name says."""

from collections.abc import Callable
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.utils.translation import gettext, gettext_lazy

from jobs.language import Words

if TYPE_CHECKING:
    from django.core.files.base import File

HEAD_BYTES = 1024
"""A PDF may have other bytes before its mark, this many at most (ISO 32000-1, annex H.3.4.1)."""
DOS_HEAD_BYTES = 64
Test = Callable[[bytes], bool]


def _starts(*marks: bytes) -> Test:
    return lambda head: head.startswith(marks)


def _is_webp(head: bytes) -> bool:
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def _is_program_for_windows(head: bytes) -> bool:
    """Say whether it is one: a text that begins with the same two letters has no zeros."""
    return head.startswith(b"MZ") and b"\0" in head[:DOS_HEAD_BYTES]


_ZIP = _starts(b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OLD_OFFICE = _starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_RTF = _starts(b"{\\rtf")


def _is_old_document(head: bytes) -> bool:
    """Say whether Word would open it as .doc: it writes rich text under that name too."""
    return _OLD_OFFICE(head) or _RTF(head)


PROGRAMS: tuple[tuple[Test, Words], ...] = (
    (_is_program_for_windows, gettext_lazy("a program for Windows")),
    (_starts(b"\x7fELF"), gettext_lazy("a program for Linux")),
    (
        _starts(b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe"),
        gettext_lazy("a program for macOS or Java"),
    ),
)
"""What nobody hands in here, whatever it is called."""
TYPES: dict[str, tuple[Words, Test]] = {
    ".pdf": (gettext_lazy("a PDF document"), lambda head: b"%PDF-" in head),
    ".png": (gettext_lazy("a PNG picture"), _starts(b"\x89PNG\r\n\x1a\n")),
    ".jpg": (gettext_lazy("a JPEG picture"), _starts(b"\xff\xd8\xff")),
    ".jpeg": (gettext_lazy("a JPEG picture"), _starts(b"\xff\xd8\xff")),
    ".gif": (gettext_lazy("a GIF picture"), _starts(b"GIF87a", b"GIF89a")),
    ".webp": (gettext_lazy("a WebP picture"), _is_webp),
    ".docx": (gettext_lazy("a Word document"), _ZIP),
    ".xlsx": (gettext_lazy("an Excel workbook"), _ZIP),
    ".pptx": (gettext_lazy("a PowerPoint presentation"), _ZIP),
    ".odt": (gettext_lazy("an OpenDocument text"), _ZIP),
    ".ods": (gettext_lazy("an OpenDocument spreadsheet"), _ZIP),
    ".odp": (gettext_lazy("an OpenDocument presentation"), _ZIP),
    ".zip": (gettext_lazy("a ZIP archive"), _ZIP),
    ".doc": (gettext_lazy("a Word document"), _is_old_document),
    ".ppt": (gettext_lazy("a PowerPoint presentation"), _OLD_OFFICE),
    ".rtf": (gettext_lazy("a rich text"), _RTF),
}
"""By the ending of the name: what it promises, and whether the first bytes keep that."""


OTHERS: tuple[Test, ...] = (
    lambda head: head.lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html")),
    lambda head: head.startswith(b"#!"),
)
"""Web pages and scripts: what is easily sent under another name."""


class NotTaken(Exception):
    """A file that a person or a program handed in is not taken; the message is a sentence for them."""


class WrongContent(NotTaken):
    """The bytes of a file are not what its name says; the message is a sentence for who handed it in."""


def require_content(file: "File[bytes]", *, name: str) -> None:
    """Hold the beginning of `file` against its `name`.

    Honest limit: what begins like nothing that is known here may be called anything. It may be damaged.

    Raises:
        WrongContent: it is a program, or another thing than the name's ending promises.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    for is_one, called in PROGRAMS:
        if is_one(head):
            message = gettext("“{name}” is {called}. Programs are not taken here.").format(
                name=name, called=called
            )
            raise WrongContent(message)
    called, is_so = TYPES.get(PurePath(name).suffix.lower(), ("", bool))
    if called and not is_so(head) and _is_something(head):
        message = gettext(
            "“{name}” is not {called}, though its name says so. Save it anew, or choose the right file."
        ).format(name=name, called=called)
        raise WrongContent(message)


def _is_something(head: bytes) -> bool:
    """Say whether it begins like a file of any type that is known here."""
    return any(is_one(head) for is_one in OTHERS) or any(is_one(head) for _, is_one in TYPES.values())
