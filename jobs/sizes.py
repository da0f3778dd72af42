"""Sizes in words, as pages, mails and programs are told them."""

from django.template.defaultfilters import filesizeformat


def size(count: float) -> str:
    """Return so many bytes in words."""
    # Its space keeps number and unit together on a page, and is no good for anything else.
    return str(filesizeformat(count)).replace("\N{NO-BREAK SPACE}", " ")
