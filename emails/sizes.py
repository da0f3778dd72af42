"""Sizes of files: in a mail, and as pages and mails tell them."""

from jobs.models import StoredFile
from jobs.sizes import size

ENCODED = 4 / 3
"""Base64."""


def encoded(attached_bytes: int) -> int:
    """Return about how many bytes files of `attached_bytes` have in a mail."""
    return int(attached_bytes * ENCODED)


def labelled(file: StoredFile) -> str:
    """Return what pages and mails call `file`: its name and its size."""
    return f"{file.name} ({size(file.size)})"
