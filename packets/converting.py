"""Making a PDF of a document that is none: a picture, or a text that LibreOffice reads."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import img2pdf
from PIL import Image, UnidentifiedImageError

from packets.marking import gettext_noop

NO_OFFICE = gettext_noop(
    "It is no PDF but a text document, which cannot be read here; save it as a PDF and upload that."
)
NOT_READ = gettext_noop("It is a text document that could not be read; save it as a PDF and upload that.")
DAMAGED_PICTURE = gettext_noop("The picture is damaged; ask for a new copy.")
HUGE_PICTURE = gettext_noop("The picture has too many pixels to be read; ask for a smaller copy.")
HEAD_BYTES = 8
OLD_WORD, RICH_TEXT, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf", b"PK\x03\x04"
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
"""How JPEG, PNG and TIFF begin."""
TEXT_PARTS = {"word/document.xml", "content.xml"}
"""In the archive of a text of Word, and of LibreOffice."""
LETTER = (612, 792)
OFFICES = ("soffice", "libreoffice")
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update">
<prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""No macro runs, and nothing that a text only links to is fetched."""


class NotConverted(Exception):
    """No PDF can be made of the document; the message is a sentence for the person who asked for it."""

    def __init__(self, reason: str, *, is_lasting: bool = True) -> None:
        """Say why; `is_lasting` unless it hangs on the machine."""
        super().__init__(reason)
        self.is_lasting = is_lasting


def as_pdf(source: Path, *, folder: Path) -> Path:
    """Return the path of `source`, or of a PDF that is made of it in `folder`.

    What is neither a PDF nor known is returned as it is: who opens it says what is wrong.

    Raises:
        NotConverted: it is a picture or a text, and no PDF can be made of it.
    """
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(PICTURES):
        return _picture(source, target=folder / "picture.pdf")
    if head.startswith((OLD_WORD, RICH_TEXT)) or (head.startswith(ZIP) and _is_text(source)):
        return _text(source, folder=folder)
    return source


def _picture(source: Path, *, target: Path) -> Path:
    """Put each picture of the file on a page of letter paper, turned as it is; its data stays as it is."""
    layout: Callable[..., object] = img2pdf.get_layout_fun(
        pagesize=LETTER, fit=img2pdf.FitMode.into, auto_orient=True
    )
    options: Mapping[str, object] = {
        "layout_fun": layout,
        "nodate": True,
        "rotation": img2pdf.Rotation.ifvalid,
    }
    try:
        with Image.open(source) as picture:
            is_clear = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
            content = _on_white(picture, target=target.with_suffix(".png")) if is_clear else source
        target.write_bytes(img2pdf.convert(str(content), **options))
    except Image.DecompressionBombError as error:
        raise NotConverted(HUGE_PICTURE) from error
    except (UnidentifiedImageError, OSError, ValueError, *_ERRORS) as error:
        raise NotConverted(DAMAGED_PICTURE) from error
    return target


_ERRORS = (
    img2pdf.ImageOpenError,
    img2pdf.JpegColorspaceError,
    img2pdf.UnsupportedColorspaceError,
    img2pdf.NegativeDimensionError,
    img2pdf.PdfTooLargeError,
)


def _on_white(picture: Image.Image, *, target: Path) -> Path:
    """Return the picture without what shines through: paper is white."""
    clear = picture.convert("RGBA")
    paper = Image.new("RGBA", clear.size, "white")
    paper.alpha_composite(clear)
    paper.convert("RGB").save(target, "PNG")
    return target


def _is_text(source: Path) -> bool:
    try:
        with ZipFile(source) as archive:
            return not TEXT_PARTS.isdisjoint(archive.namelist())
    except (BadZipFile, OSError, ValueError):
        return False


def _text(source: Path, *, folder: Path) -> Path:
    office = next((found for name in OFFICES if (found := shutil.which(name))), None)
    if office is None:
        raise NotConverted(NO_OFFICE, is_lasting=False)
    profile, target = folder / "profile", folder / "text.pdf"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS)
    copy = folder / "text"
    shutil.copyfile(source, copy)
    command = [office, "--headless", "--norestore", f"-env:UserInstallation={profile.as_uri()}"]
    convert = ["--convert-to", "pdf:writer_pdf_Export", "--outdir", str(folder), str(copy)]
    subprocess.run(  # noqa: S603  (a program of the machine's, and paths of our own)
        [*command, *convert],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"HOME": str(folder), "PATH": os.environ.get("PATH", os.defpath)},
    )
    if not target.exists():
        raise NotConverted(NOT_READ, is_lasting=False)
    return target
