"""Files are taken for what their first bytes say, not for what they are called."""

import pytest
from django.core.files.base import ContentFile

from jobs.signatures import TYPES, WrongContent, require_content

RIGHT = {
    ".pdf": b"%PDF-1.7\n",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8\xff\xe0",
    ".jpeg": b"\xff\xd8\xff\xe1",
    ".gif": b"GIF89a",
    ".webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    ".docx": b"PK\x03\x04",
    ".xlsx": b"PK\x03\x04",
    ".pptx": b"PK\x03\x04",
    ".odt": b"PK\x03\x04",
    ".ods": b"PK\x03\x04",
    ".odp": b"PK\x03\x04",
    ".zip": b"PK\x05\x06",
    ".doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ".ppt": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ".rtf": b"{\\rtf1",
}
PROGRAMS = {"Windows": b"MZ\x90\0\x03", "Linux": b"\x7fELF\x02", "macOS": b"\xcf\xfa\xed\xfe"}


@pytest.mark.parametrize("ending", TYPES)
def test_file_is_what_its_name_says(ending: str) -> None:
    file = ContentFile(RIGHT[ending] + b"more")
    require_content(file, name=f"Letter{ending.upper()}")
    assert file.read() == RIGHT[ending] + b"more"


@pytest.mark.parametrize(
    "content", [b"\n <!DOCTYPE html><html>", b"<HTML>", b"#!/bin/sh", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04"]
)
@pytest.mark.parametrize("ending", [".pdf", ".gif", ".rtf", ".ppt"])
def test_file_that_is_something_else_is_refused(ending: str, content: bytes) -> None:
    with pytest.raises(WrongContent, match=rf"“Letter{ending}” is not .*, though its name says so"):
        require_content(ContentFile(content), name=f"Letter{ending}")


def test_file_that_begins_like_nothing_known_is_taken() -> None:
    require_content(ContentFile(b"damaged"), name="Letter.pdf")


@pytest.mark.parametrize("name", ["setup.exe", "Letter.pdf", "notes.txt", "nothing"])
@pytest.mark.parametrize("system", PROGRAMS)
def test_program_is_refused_whatever_it_is_called(system: str, name: str) -> None:
    with pytest.raises(WrongContent, match=f"“{name}” is a program for {system}"):
        require_content(ContentFile(PROGRAMS[system]), name=name)


def test_text_that_begins_like_a_program_is_taken() -> None:
    require_content(ContentFile(b"MZ-14 is the room. " * 10), name="rooms.txt")


def test_document_with_something_before_its_mark_is_taken() -> None:
    require_content(ContentFile(b"\n" * 500 + b"%PDF-1.4"), name="scan.pdf")


def test_type_that_is_not_known_is_taken() -> None:
    require_content(ContentFile(b"BEGIN:VCALENDAR"), name="fair.ics")
