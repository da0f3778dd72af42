"""Sentences in the reader's language: all that plain values take of Django, to say something."""

from django.utils.translation import gettext, gettext_lazy, ngettext, ngettext_lazy

__all__ = ["gettext", "gettext_lazy", "ngettext", "ngettext_lazy"]
