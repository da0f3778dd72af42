"""ZIP files: workbooks, or one data file; what would unpack to too much is refused before it is unpacked."""

import shutil
import zipfile
from pathlib import Path

from uploads.tables.refusing import UnreadableFile, gettext_noop

ZIP_START = b"PK\x03\x04"
ZIP_STARTS = (ZIP_START, b"PK\x05\x06")
OLD_WORKBOOK_START = b"\xd0\xcf\x11\xe0"
MOST_BYTES = 2 << 30
"""The most that a file may unpack to."""
MOST_FOLD, LITTLE_BYTES = 100, 64 << 20
"""Text packs to a tenth or twentieth; what packs to a hundredth and is not little is made to do harm."""
WORKBOOK_PARTS = ("[Content_Types].xml", "content.xml")
HIDDEN = ("__MACOSX", ".")
PLACES = (".", "..")
"""What leads to another folder in a file's name."""


def is_workbook(path: Path) -> bool:
    """Say whether the file is a workbook: XLSX, XLSB or ODS, which are ZIP files, or an old XLS.

    Raises:
        UnreadableFile: it would unpack to too much, or is damaged.
    """
    head = _head(path)
    if head.startswith(OLD_WORKBOOK_START):
        return True
    if not head.startswith(ZIP_STARTS):
        return False
    with _opened(path) as archive:
        return any(part in archive.namelist() for part in WORKBOOK_PARTS)


def unpacked(path: Path, *, folder: Path) -> Path:
    """Return the one data file of a ZIP file, unpacked into the folder; another file is returned as it is.

    Raises:
        UnreadableFile: it holds no file or several, needs a password, unpacks to too much, or is damaged.
    """
    if not _head(path).startswith(ZIP_STARTS):
        return path
    with _opened(path) as archive:
        inner = _only_file(archive)
        target = folder / "unpacked"
        try:
            # The module gives no more bytes than the archive's list tells, and compares a sum at the end.
            with archive.open(inner) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            raise UnreadableFile(_what_hinders(inner)) from error
    if _head(target).startswith(ZIP_STARTS):
        message = gettext_noop("The ZIP file holds another ZIP file or a workbook. Upload that one itself.")
        raise UnreadableFile(message)
    return target


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        message = gettext_noop(
            "The file is damaged: it begins like a workbook or ZIP file, but cannot be opened as one."
        )
        raise UnreadableFile(message) from error
    unpacked_bytes = sum(part.file_size for part in archive.infolist())
    is_bomb = unpacked_bytes > max(LITTLE_BYTES, MOST_FOLD * path.stat().st_size)
    if is_bomb or unpacked_bytes > MOST_BYTES:
        archive.close()
        message = gettext_noop("The file would unpack to {megabytes:,} MB, which is too much. Split it.")
        raise UnreadableFile(message, megabytes=unpacked_bytes >> 20)
    return archive


def _only_file(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    files = [part for part in archive.infolist() if not part.is_dir() and not _is_hidden(part.filename)]
    if not files:
        message = gettext_noop(
            "The ZIP file holds no file; it must hold one data file. Upload each file by itself."
        )
        raise UnreadableFile(message)
    if len(files) > 1:
        message = gettext_noop(
            "The ZIP file holds {count} files; it must hold one data file. Upload each file by itself."
        )
        raise UnreadableFile(message, count=len(files))
    return files[0]


def _is_hidden(name: str) -> bool:
    """Say whether a program put the file there for itself; where its name leads does not matter to us."""
    return any(each.startswith(HIDDEN) and each not in PLACES for each in name.split("/"))


def _what_hinders(part: zipfile.ZipInfo) -> str:
    if part.flag_bits & 0x1:
        return gettext_noop("The ZIP file needs a password. Unpack it and upload the file that is in it.")
    return gettext_noop("The ZIP file is damaged. Make it anew, or upload the file that is in it.")
