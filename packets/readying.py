"""Making a document ready for packets: normalised once in a child process, and kept by its content."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import structlog
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.confinement import Crashed, Limits, OutOfBounds
from jobs.directory import Document
from jobs.files import discard, store
from jobs.models import School
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from packets import confined
from packets.checking import FILE_LOST, GONE, NOT_READ, TOO_MUCH_MEMORY, TOO_MUCH_TIME, too_large
from packets.models import ReadyDocument
from packets.normalising import VERSION
from packets.opening import EMPTY, Unusable

log = structlog.get_logger()

BLOCK_BYTES = 1 << 20
TRIES = 2
"""How often a document is opened whose process ends without an answer."""


def ready(document: Document | None, *, school: School, limits: Limits | None = None) -> ReadyDocument:
    """Return the normalised document, from the cache or made now; may run twice, and beside itself.

    `limits` are those of making it, where they are not the usual ones.

    Raises:
        Unusable: it cannot be in a packet; the sentence says why.
    """
    if document is None:
        raise Unusable(str(GONE))
    try:
        _check_size(document.file.size)
        digest = document.sha256 or _digest(document.file)
        found = kept(digest, school_id=school.pk) or _make(
            document, digest=digest, school=school, limits=limits
        )
    except FileNotFoundError as error:
        raise Unusable(str(FILE_LOST)) from error
    if found.reason:
        raise Unusable(_(found.reason))
    return found


def kept(digest: str, *, school_id: int) -> ReadyDocument | None:
    """Return what is known of the document with the SHA-256 `digest`, and note that it was used."""
    documents = ReadyDocument.objects.select_related("piece")
    found: ReadyDocument | None = documents.filter(
        school_id=school_id, sha256=digest, version=VERSION
    ).first()
    today = timezone.localdate()
    if found is not None and found.used_on < today:
        is_there = ReadyDocument.objects.filter(pk=found.pk).update(used_on=today)
        return found if is_there else None
    return found


def _make(document: Document, *, digest: str, school: School, limits: Limits | None) -> ReadyDocument:
    with TemporaryDirectory(prefix="packet-") as folder:
        target = Path(folder, "piece")
        with _local(document.file, folder=folder) as source:
            made = _normalise(source, target=target, limits=limits)
        if "reason" in made and not made["is_lasting"]:
            raise Unusable(_(made.get("sentence", made["reason"])), **made.get("values", {}))
        return _keep(made, target=target, digest=digest, school=school)


def _normalise(source: str, *, target: Path, limits: Limits | None) -> dict[str, Any]:
    """Return what became of the document; a process that is killed for another's sake says nothing of it."""
    most = switchyard().files.document_pages
    for _try in range(TRIES):
        try:
            return confined.normalise(source=source, target=str(target), pages=most, limits=limits)
        except OutOfBounds as error:
            reason = TOO_MUCH_MEMORY if error.bound == "memory" else TOO_MUCH_TIME
            return {"reason": reason, "is_lasting": False}
        except Crashed:
            log.warning("document_crashed_its_reader")
    return {"reason": NOT_READ, "is_lasting": False}


def _keep(made: dict[str, Any], *, target: Path, digest: str, school: School) -> ReadyDocument:
    """Keep what was made, unless another worker was faster; return what counts."""
    ready_document = ReadyDocument(
        school=school,
        sha256=digest,
        version=VERSION,
        reason=made.get("reason", ""),
        is_repaired=made.get("is_repaired", False),
        pages=made.get("pages", 0),
        used_on=timezone.localdate(),
    )
    with transaction.atomic():
        if not ready_document.reason:
            with target.open("rb") as piece:
                ready_document.piece = store(
                    school=school,
                    name=f"{digest[:12]}.piece",
                    media_type="application/octet-stream",
                    content=_Written(piece, name=str(target)),
                )
        ReadyDocument.objects.bulk_create([ready_document], ignore_conflicts=True)
        found = kept(digest, school_id=school.pk)
        if found is not None and ready_document.piece and found.piece_id != ready_document.piece.pk:
            discard(ready_document.piece)
    return found or ready_document


class _Written(File):  # type: ignore[type-arg]
    """A file of ours that the storage may move to its place in place of copying it."""

    def temporary_file_path(self) -> str:
        """Return where it is."""
        return str(self.name)


def _check_size(size: int) -> None:
    most = switchyard().files.document_megabytes
    if size == 0:
        raise Unusable(_(EMPTY))
    if size > most * MEGABYTE:
        raise Unusable(too_large(size, most_megabytes=most), is_lasting=False)


def _digest(file: "File[bytes]") -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@contextmanager
def _local(file: "File[bytes]", *, folder: str) -> Iterator[str]:
    """Give the path of the file, or of a copy where the storage has it elsewhere."""
    try:
        path = file.path  # type: ignore[attr-defined]
    except (AttributeError, NotImplementedError):
        path = str(Path(folder, "source"))
        with file.open("rb") as opened, Path(path).open("wb") as copy:
            _copy(opened, copy)
    if not Path(path).exists():
        raise FileNotFoundError(path)
    yield path


def _copy(source: "File[bytes]", target: IO[bytes]) -> None:
    while block := source.read(BLOCK_BYTES):
        target.write(block)
