"""A mailbox that a mail server delivers into: a folder in Maildir's format (Bernstein, 1995)."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from emails.reports import READ_BYTES

SEEN = ":2,S"


class NoMailbox(Exception):
    """The folder is no Maildir, or may not be read."""


def new_mails(folder: Path) -> Iterator[bytes]:
    """Yield the beginning of each new mail, oldest first.

    One is put among the seen when the next is asked for: a reader that dies reads its last mail again. A
    second reader beside it may read one twice.

    Raises:
        NoMailbox: the folder has no new/ and cur/ that we may change.
    """
    try:
        waiting = sorted((folder / "new").iterdir(), key=lambda file: file.name)
        (folder / "cur").mkdir(exist_ok=True)
    except OSError as error:
        message = f"{folder} is no Maildir that can be read: {error.strerror}. Name a folder with new/ in it."
        raise NoMailbox(message) from error
    for file in waiting:
        try:
            with file.open("rb") as opened:
                content = opened.read(READ_BYTES)
        except FileNotFoundError:  # a second reader was faster
            continue
        yield content
        with suppress(FileNotFoundError):  # as above
            file.rename(folder / "cur" / f"{file.name}{SEEN}")
