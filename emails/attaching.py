"""Files that go with a mailing: stored once, and offered again by names that only we can make."""

import mimetypes
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from jobs import files
from jobs.models import Person, School, StoredFile

NAME_LENGTH = 255
SALT = "emails.attachment"
OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN = "application/vnd.oasis.opendocument"
TYPES = mimetypes.MimeTypes()
"""By endings. Where a system has no list, such as in a slim image, Python knows no office files."""
for _ending, _media_type in {
    ".docx": f"{OFFICE}.wordprocessingml.document",
    ".xlsx": f"{OFFICE}.spreadsheetml.sheet",
    ".pptx": f"{OFFICE}.presentationml.presentation",
    ".odt": f"{OPEN}.text",
    ".ods": f"{OPEN}.spreadsheet",
    ".odp": f"{OPEN}.presentation",
    ".ics": "text/calendar",
    ".md": "text/markdown",
    ".rtf": "application/rtf",
    ".vcf": "text/vcard",
    ".webp": "image/webp",
}.items():
    TYPES.add_type(_media_type, _ending)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of files that were chosen."""

    files: list[StoredFile]
    repeated: Sequence[str]
    """What a person is told of those that were chosen before: they are not attached once more."""


def store_files(
    uploaded: Iterable["UploadedFile[bytes]"], *, school: School, by: Person, beside: Iterable[StoredFile]
) -> Stored:
    """Keep the `uploaded` files, each content once, and none that is one of the files `beside`.

    A file whose form is never sent again stays stored, named by no mailing.
    """
    there = {file.sha256: file for file in beside}
    stored: list[StoredFile] = []
    repeated: list[str] = []
    for file in uploaded:
        name = safe_name(files.uploaded_name(file))
        media_type = media_type_of(name)
        kept = files.store(school=school, name=name, media_type=media_type, content=file, by=by)
        if first := there.get(kept.sha256):
            files.discard(kept)
            repeated.append(_repeated(kept, first=first))
        else:
            there[kept.sha256] = kept
            stored.append(kept)
    return Stored(files=stored, repeated=list(dict.fromkeys(repeated)))


def _repeated(file: StoredFile, *, first: StoredFile) -> str:
    if file.name == first.name:
        return _("“{file}” was chosen more than once. It is attached once.").format(file=file.name)
    return _("“{file}” is the same file as “{first}”. It is attached once, as “{first}”.").format(
        file=file.name, first=first.name
    )


def offered_name(file: StoredFile) -> str:
    """Return what a form calls `file`: its id, signed, so that no other file can be asked for."""
    return Signer(salt=SALT).sign(str(file.pk))


def files_offered(names: Sequence[str], *, school: School) -> list[StoredFile]:
    """Return the files of `school` that `offered_name` called so; names that it did not make are left out."""
    ids = [file_id for name in names if (file_id := _read(name)) is not None]
    found = StoredFile.objects.filter(school=school).in_bulk(ids) if ids else {}
    return [found[file_id] for file_id in dict.fromkeys(ids) if file_id in found]


def _read(name: str) -> int | None:
    try:
        return int(Signer(salt=SALT).unsign(name))
    except BadSignature:
        return None


def safe_name(name: str) -> str:
    """Return `name` without what cannot be printed, as its file is called; its letters in one form (NFC)."""
    composed = unicodedata.normalize("NFC", name)
    kept = "".join(character for character in composed if character.isprintable()).strip()
    return kept[-NAME_LENGTH:] or "attachment"


def media_type_of(name: str) -> str:
    """Return the type that the name promises; what a browser claims is not believed."""
    media_type, encoding = TYPES.guess_type(name)
    if media_type is None and encoding is None:
        media_type, encoding = mimetypes.guess_type(name)
    return media_type if media_type and not encoding else "application/octet-stream"
