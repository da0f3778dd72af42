"""Unpacking: the files that were handed in, those of ZIP archives one by one, none whole in memory."""

import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from jobs.files import uploaded_name
from jobs.sizes import size

MOST_FILES = 1000
"""Of one upload: they are stored while the person waits."""
IN_MEMORY_BYTES = 1 << 20
BLOCK_BYTES = 1 << 18
ENCRYPTED = 1
"""Bit of a member's flags (APPNOTE.TXT, 4.4.4)."""
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Those that everybody's computer makes."""
UTF_8 = 0x800
"""Another: its name is UTF-8. macOS writes names so and does not say it."""
LIST_BYTES = 1 << 20
"""More than the list of files has of an archive that is taken: about a hundred bytes for each."""
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)


class CannotUnpack(Exception):
    """What was handed in cannot be taken as it is; the message says why and what to do."""


class _Archive:
    """The file of an archive, of which no endless list of files is read: `zipfile` does so in one go."""

    def __init__(self, file: IO[bytes], *, most_in_all: int) -> None:
        self._file = file
        self._most_in_all = most_in_all
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, count: int = -1) -> bytes:
        if count > LIST_BYTES:
            raise _too_much(self._most_in_all)
        return self._file.read(count)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A file that was chosen, or one of an archive."""

    name: str
    size: int
    """As its archive says."""
    open: Callable[[], AbstractContextManager["File[bytes]"]]


def unpacked(
    uploaded: Iterable["UploadedFile[bytes]"], *, most_bytes: int, most_in_all: int
) -> Iterator[tuple[str, "File[bytes]"]]:
    """Yield each file and its name; none of more than `most_bytes`, nor `most_in_all` of them together.

    A file is good until the next is asked for.

    Raises:
        CannotUnpack: an archive is damaged or encrypted, or a file is empty or too large.
    """
    count, total = 0, 0
    for file in uploaded:
        for found in _found_in(file, most_in_all=most_in_all):
            count, total = count + 1, total + found.size
            _require_fit(found, most_bytes=most_bytes)
            _require_few(count, total=total, most_in_all=most_in_all)
            with found.open() as opened:
                yield found.name, opened


def _found_in(file: "UploadedFile[bytes]", *, most_in_all: int) -> Iterator[_Found]:
    name = uploaded_name(file)
    if not name.lower().endswith(".zip"):
        yield _Found(name=name, size=file.size or 0, open=lambda: nullcontext(file))
        return
    bounded = _Archive(cast("IO[bytes]", file), most_in_all=most_in_all)
    with _readable(name), zipfile.ZipFile(cast("IO[bytes]", bounded)) as archive:
        found = list(_members(archive, name=name))
        _require_few(len(found), total=sum(each.size for each in found), most_in_all=most_in_all)
        yield from found


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except DAMAGED as error:
        message = _(
            "“{name}” cannot be read as a ZIP archive. Please make it again, or choose the files."
        ).format(name=name)
        raise CannotUnpack(message) from error


def _members(archive: zipfile.ZipFile, *, name: str) -> Iterator[_Found]:
    for member in archive.infolist():
        own_name = PurePosixPath(_name_of(member).replace("\\", "/")).name
        if member.is_dir() or own_name.startswith(".") or member.filename.startswith("__MACOSX/"):
            continue
        if member.flag_bits & ENCRYPTED:
            message = _("“{name}” has a password. Please hand it in without one.").format(name=name)
            raise CannotUnpack(message)
        if member.compress_type not in METHODS:
            message = _(
                "“{name}” is packed in a way that is not read here. Please make an ordinary ZIP archive."
            ).format(name=name)
            raise CannotUnpack(message)
        if stat.S_ISLNK(member.external_attr >> 16):
            message = _(
                "“{own_name}” in “{name}” is only a link to another file. Please put in that file itself."
            ).format(own_name=own_name, name=name)
            raise CannotUnpack(message)
        yield _Found(
            name=own_name, size=member.file_size, open=partial(_opened, archive, member, archive_name=name)
        )


def _name_of(member: zipfile.ZipInfo) -> str:
    if member.flag_bits & UTF_8:
        return member.filename
    try:
        return member.filename.encode("cp437").decode()  # back to its bytes, which `zipfile` took for DOS's
    except UnicodeError:
        return member.filename


@contextmanager
def _opened(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, archive_name: str
) -> Iterator["File[bytes]"]:
    """Give a member of an archive a file of its own, which can be read twice; never more than it says."""
    with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as kept:
        with _readable(archive_name):
            _unpack(archive, member, kept)
        yield File(cast("IO[bytes]", kept), name=member.filename)


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, kept: IO[bytes]) -> None:
    with archive.open(member) as packed:  # gives no more bytes than the archive says
        shutil.copyfileobj(packed, kept, BLOCK_BYTES)


def _require_few(count: int, *, total: int, most_in_all: int) -> None:
    if count > MOST_FILES or total > most_in_all:
        raise _too_much(most_in_all)


def _too_much(most_in_all: int) -> CannotUnpack:
    return CannotUnpack(
        _(
            "At most {most_files:,} files of {size} in all can be handed in at once. "
            "Please do it in several steps."
        ).format(most_files=MOST_FILES, size=size(most_in_all))
    )


def _require_fit(found: _Found, *, most_bytes: int) -> None:
    if not found.size:
        message = _("“{found}” is empty. Leave it out or choose another file.").format(found=found.name)
        raise CannotUnpack(message)
    if found.size > most_bytes:
        message = _("“{found}” has {size}; a mail can carry {most}. Please make it smaller.").format(
            found=found.name, size=size(found.size), most=size(most_bytes)
        )
        raise CannotUnpack(message)
