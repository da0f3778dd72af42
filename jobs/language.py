"""Sentences in the reader's language: all that plain values take of Django, to say something."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy, ngettext, ngettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Words
else:
    Words = str
    """A text, or one that is translated once it is shown: `str` makes one of it that can be stored."""

__all__ = ["Words", "either", "format_lazy", "gettext", "gettext_lazy", "listed", "ngettext", "ngettext_lazy"]


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: `a`, `a and b`, `a, b and c`; nothing of none."""
    *first, last = words or ("",)
    return gettext("{words} and {last}").format(words=", ".join(first), last=last) if first else last


def either(words: Sequence[str]) -> str:
    """Return words of which one is meant, in a sentence: `a`, `a or b`, `a, b or c`; nothing of none."""
    *first, last = words or ("",)
    return gettext("{words} or {last}").format(words=", ".join(first), last=last) if first else last
