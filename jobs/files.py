"""Storing files of a school by their content."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.http import Http404

from jobs.models import Job, Person, School, StoredFile
from jobs.models.files import stored_path
from jobs.registry import UnknownKind, kind_named

BLOCK_BYTES = 1 << 20


class NotKept(Http404):
    """The time of a file is over, though it is not deleted yet."""


def uploaded_name(file: "File[bytes]") -> str:
    """Return what `file` was called before a browser coded three signs of its name, without line breaks.

    They are those of the HTML standard's multipart form data; a `%` itself is not coded. What cannot be
    printed is left out: a program's file may be called anything, and not all of it can be stored.
    """
    name = file.name or ""
    for coded, sign in (("%22", '"'), ("%0D", ""), ("%0A", "")):
        name = name.replace(coded, sign)
    return "".join(sign for sign in name if sign.isprintable())


def store(
    *,
    school: School,
    name: str,
    media_type: str,
    content: "File[bytes]",
    by: Person | None = None,
    job: Job | None = None,
) -> StoredFile:
    """Keep `content` for `school` and return its record.

    The same bytes of the same school are kept once, however many records name them. With `job`
    the file is a result that the job page offers.
    """
    digest, size = _measure(content)
    stored = StoredFile(
        school=school, job=job, name=name, media_type=media_type, size=size, sha256=digest, created_by=by
    )
    path = stored_path(stored, name)
    with transaction.atomic():
        _lock(path, "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))")
        if default_storage.exists(path) and default_storage.size(path) == size:
            stored.content.name = path
        else:
            content.seek(0)
            stored.content.save(name, content, save=False)
        stored.save()
    return stored


def note_download(stored: StoredFile, *, by: Person | None, program: str = "") -> None:
    """Tell the kind of the job whose result it is that `by`, or a program, gets it; others are not noted.

    Raises:
        NotKept: nobody gets it any more.
    """
    if stored.job is not None:
        with suppress(UnknownKind):
            kind_named(stored.job.kind).note_download(stored, by=by, program=program)


def discard(stored: StoredFile) -> None:
    """Delete the record, and on commit its bytes unless another record names them."""
    path = str(stored.content.name)
    stored.delete()
    transaction.on_commit(lambda: _remove_unnamed(path))


def _remove_unnamed(path: str) -> None:
    with transaction.atomic():
        # Whoever stores the same bytes meanwhile does so before our look or writes them anew.
        _lock(path, "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))")
        if not StoredFile.objects.filter(content=path).exists():
            default_storage.delete(path)


def _lock(path: str, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [f"file:{path}"])


def _measure(content: "File[bytes]") -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    for block in _blocks(content):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size


def _blocks(content: "File[bytes] | IO[bytes]") -> Iterator[bytes]:
    content.seek(0)
    while block := content.read(BLOCK_BYTES):
        yield block
