"""Sizes in words, as pages and mails tell them."""

from django.template.defaultfilters import filesizeformat

from jobs.models import StoredFile


def size(count: int) -> str:
    """Return so many bytes in words."""
    # Its space keeps number and unit together on a page, and is no good for anything else.
    return str(filesizeformat(count)).replace("\N{NO-BREAK SPACE}", " ")


def labelled(file: StoredFile) -> str:
    """Return what pages and mails call `file`: its name and its size."""
    return f"{file.name} ({size(file.size)})"
