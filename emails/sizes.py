"""Sizes in words, as pages and mails tell them, and in a mail."""

from django.template.defaultfilters import filesizeformat

from jobs.models import StoredFile

ENCODED = 4 / 3
"""Base64."""


def size(count: int) -> str:
    """Return so many bytes in words."""
    # Its space keeps number and unit together on a page, and is no good for anything else.
    return str(filesizeformat(count)).replace("\N{NO-BREAK SPACE}", " ")


def encoded(attached_bytes: int) -> int:
    """Return about how many bytes files of `attached_bytes` have in a mail."""
    return int(attached_bytes * ENCODED)


def labelled(file: StoredFile) -> str:
    """Return what pages and mails call `file`: its name and its size."""
    return f"{file.name} ({size(file.size)})"
