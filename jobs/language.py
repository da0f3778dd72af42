"""Sentences in the reader's language: all that plain values take of Django, to say something."""

from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy, ngettext, ngettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Words
else:
    Words = str
    """A text, or one that is translated once it is shown: `str` makes one of it that can be stored."""

__all__ = ["Words", "format_lazy", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"]
