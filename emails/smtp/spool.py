"""The spool: encoded tails in a folder of this host, made once each, within a budget of disk."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
from django.utils.translation import gettext as _

from emails.smtp.mappings import mappings
from emails.smtp.tails import Enclosed, Tail, key_of, room_for, write_tail
from jobs.retries import TemporaryFailure

log = structlog.get_logger()

UNFINISHED = ".unfinished"


class SpoolFull(TemporaryFailure):
    """Tails in use leave too little of the budget for another one."""


class Spool:
    """A folder of tails, shared by the processes of a host.

    Whoever uses a tail holds a shared lock on its file, whoever evicts one an exclusive lock: what is
    in use is never evicted, and the locks of a killed process are gone with it.
    """

    def __init__(self, *, folder: Path, budget_bytes: int) -> None:
        """Keep tails in `folder`, made when it is missing, of at most `budget_bytes` together."""
        self._folder = folder
        self._budget_bytes = budget_bytes

    @contextmanager
    def tail(self, enclosed: Sequence[Enclosed]) -> Iterator[Tail]:
        """Keep the tail of these files in place within the block; encode it first if it is new here.

        Raises:
            SpoolFull: there is no room for it now.
            AttachmentChanged: a file's bytes do not have its hash.
        """
        path = self._folder / key_of(enclosed)
        descriptor = _taken(path)
        if descriptor is None:
            descriptor = self._made(path, enclosed)
        try:
            os.utime(descriptor)
            with mappings.tail(descriptor) as tail:
                yield tail
        finally:
            os.close(descriptor)

    def _made(self, path: Path, enclosed: Sequence[Enclosed]) -> int:
        """Return the tail at `path`, open; who comes while another makes it waits for that one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with _locked(self._folder / f"{path.name[:2]}.lock"):
            descriptor = _taken(path)
            if descriptor is None:
                descriptor = self._make(path, enclosed)
        return descriptor

    def _make(self, path: Path, enclosed: Sequence[Enclosed]) -> int:
        unfinished = path.with_suffix(UNFINISHED)
        descriptor = self._reserved(unfinished, room_for(enclosed))
        try:
            with open(descriptor, "wb", closefd=False) as out:
                write_tail(enclosed, out)
                out.truncate()
            # A host that fails must not find a name whose bytes never reached the disk.
            os.fsync(descriptor)
            unfinished.rename(path)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            os.close(descriptor)
            raise
        log.info("tail_encoded", size=path.stat().st_size)
        return descriptor

    def _reserved(self, path: Path, size: int) -> int:
        """Return a new file at `path` that takes `size` bytes of the budget already, locked, open.

        Raises:
            SpoolFull: there is no room for it now.
        """
        with _locked(self._folder / "budget.lock"):
            self._evict(room=size)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            os.truncate(descriptor, size)
        return descriptor

    def _evict(self, *, room: int) -> None:
        """Delete tails that nobody uses, the longest unused first, until there is `room` bytes."""
        found = [(path.stat(), path) for path in self._folder.iterdir() if path.suffix != ".lock"]
        free = self._budget_bytes - sum(status.st_size for status, _path in found)
        for status, path in sorted(found, key=lambda entry: entry[0].st_mtime):
            if free >= room:
                break
            if _deleted_unused(path):
                free += status.st_size
                log.info("tail_evicted", size=status.st_size)
        if free < room:
            message = _(
                "This worker's disk has no place for the encoded attachments now; the mails are tried again."
            )
            raise SpoolFull(message)


def _taken(path: Path) -> int | None:
    """Return the file at `path`, open and locked against eviction; None when there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    if os.fstat(descriptor).st_nlink:
        return descriptor
    os.close(descriptor)  # evicted between the two calls
    return None


def _deleted_unused(path: Path) -> bool:
    """Delete the file at `path` unless somebody uses or makes it, and return whether it went."""
    with suppress(FileNotFoundError, BlockingIOError):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        finally:
            os.close(descriptor)
        return True
    return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
