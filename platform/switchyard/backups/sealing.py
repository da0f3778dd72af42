"""Writing and reading an encrypted archive, member by member, in little memory.

The archive is a tar within the age format (age-encryption.org/v1), so that `age --decrypt | tar --extract`
reads it too. Each 64 KB are authenticated, and so is the end: what was changed or cut off is never whole.
"""

import os
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from typing import IO, BinaryIO

import pyrage

from switchyard.backups import CannotBackUp

Recipient = pyrage.x25519.Recipient
Identity = pyrage.x25519.Identity
BLOCK_BYTES = 1 << 16


@contextmanager
def writing(target: BufferedIOBase, *, recipient: Recipient) -> Iterator[tarfile.TarFile]:
    """Give the archive that is written to `target`; only `recipient` can read it. It ends with the context.

    Raises:
        CannotBackUp: `target` takes no more.
    """
    out_of, into = os.pipe()
    with ThreadPoolExecutor(1, "sealing") as beside:
        sealed = beside.submit(_seal, out_of, target, recipient)
        try:
            with (
                os.fdopen(into, "wb") as plain,
                tarfile.open(fileobj=plain, mode="w|", format=tarfile.PAX_FORMAT) as archive,
            ):
                yield archive
        except BrokenPipeError as error:
            raise _not_written(sealed.exception()) from error
        if failed := sealed.exception():
            raise _not_written(failed) from failed


@contextmanager
def reading(source: BufferedIOBase, *, identity: Identity) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """Give the members of the archive in `source`, each with its name and content, once and in order.

    Whoever takes them all has read a whole archive that nobody changed.

    Raises:
        CannotBackUp: `identity` does not open it, or it is damaged or cut off.
    """
    out_of, into = os.pipe()
    with ThreadPoolExecutor(1, "opening") as beside:
        opened = beside.submit(_open, source, into, identity)
        with os.fdopen(out_of, "rb") as plain:
            try:
                yield _members(plain)
            except Exception as error:
                plain.close()  # so that who still writes to it ends
                raise _told(opened.exception() or error) from error
        if failed := opened.exception():
            raise _told(failed) from failed


def _seal(out_of: int, target: BufferedIOBase, recipient: Recipient) -> None:
    with os.fdopen(out_of, "rb") as plain:
        pyrage.encrypt_io(plain, target, [recipient])


def _open(source: BufferedIOBase, into: int, identity: Identity) -> None:
    with suppress(BrokenPipeError), os.fdopen(into, "wb") as plain:
        pyrage.decrypt_io(source, plain, [identity])


def _members(plain: BinaryIO) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(fileobj=plain, mode="r|") as archive:
        for member in archive:
            if (content := archive.extractfile(member)) is not None:
                yield member.name, content
    while plain.read(BLOCK_BYTES):
        pass  # to the end, which says that nothing was cut off


def _not_written(error: BaseException | None) -> CannotBackUp:
    return CannotBackUp(f"The backup cannot be written: {error}.")


def _told(error: BaseException) -> BaseException:
    """Return the error in words for who restores, where it is one of the archive."""
    if isinstance(error, pyrage.DecryptError):
        return CannotBackUp(f"The key does not open this backup, or this is none: {error}.")
    if isinstance(error, tarfile.TarError) or (isinstance(error, OSError) and error.errno is None):
        return CannotBackUp(f"The backup is damaged or cut off: {error}. Nothing of it was kept.")
    return error
