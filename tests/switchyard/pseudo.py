"""A language in which every message is itself in brackets, and what of a page stands outside of them."""

import re
from gettext import NullTranslations
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.utils.translation import trans_real

OPENING, CLOSING = "⟦", "⟧"
READ = ("alt", "aria-label", "data-label", "hx-confirm", "label", "placeholder", "title")
"""Attributes that a person sees or hears."""
FOR_SCRIPTS = ("data-one", "data-many")
"""Attributes with texts that our scripts show."""
OF_BROWSERS = re.compile(rf'\b(?:class|id|for|type|role|method)="[^"]*{OPENING}[^"]*"')
"""Attributes that mean the same in every language, translated."""
NOT_READ = ("script", "style")
WRITTEN = ("code", "kbd", "pre", "samp", "textarea")
"""Elements that hold what people or programs wrote."""


PLACE = re.compile(r"(%\(\w+\)s|%%|(?<!{){(?:[a-z_0-9.]*)(?:![rs])?(?::[^{}]*)?})")
"""Where something is put into a message."""


class Bracketed(NullTranslations):
    """Puts brackets around every message, but not around what is put into it."""

    def gettext(self, message: str) -> str:
        words = message.rpartition(trans_real.CONTEXT_SEPARATOR)[2]
        return "".join(
            part if PLACE.fullmatch(part) else f"{OPENING}{part}{CLOSING}"
            for part in PLACE.split(words)
            if part
        )

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular if number == 1 else plural)

    def to_language(self) -> str:
        return settings.LANGUAGE_CODE


def speak(patch: pytest.MonkeyPatch) -> None:
    """Let everything be said in brackets until the patch is undone."""
    patch.setitem(trans_real._translations, settings.LANGUAGE_CODE, Bracketed())
    patch.setattr(trans_real, "_default", None)
    patch.setattr(trans_real, "_active", trans_real.Local())


class _Page(HTMLParser):
    """Keeps what stands outside of brackets."""

    def __init__(self) -> None:
        super().__init__()
        self.bare: list[str] = []
        self._depth = 0
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in (*NOT_READ, *WRITTEN):
            self._within.append(tag)
        if not self._depth:
            for name, value in attrs:
                is_button = tag == "input" and name == "value" and ("type", "submit") in attrs
                if is_button or name in (*READ, *FOR_SCRIPTS):
                    self.bare += _outside(value or "", 0)[0]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._within:
            self._within.remove(tag)

    def handle_data(self, data: str) -> None:
        bare, self._depth = _outside(data, self._depth)
        if not self._within:
            self.bare += bare


def _outside(text: str, depth: int) -> tuple[list[str], int]:
    """Return what stands outside of brackets, and within how many the text ends."""
    bare, kept = [], ""
    for letter in text:
        depth += (letter == OPENING) - (letter == CLOSING)
        if letter in (OPENING, CLOSING):
            bare, kept = [*bare, kept], ""
        elif not depth:
            kept += letter
    return [each.strip() for each in (*bare, kept) if each.strip()], depth


def words_outside(text: str) -> set[str]:
    """Return the words of a plain text that went through no translation, also those of data."""
    return {word for bare in _outside(text, 0)[0] for word in re.findall(r"[^\W\d_]{2,}", bare)}


def translated_code(page: str) -> list[str]:
    """Return the attributes of an HTML page that are for browsers and were translated all the same."""
    return OF_BROWSERS.findall(page)


def bare_texts(page: str) -> list[str]:
    """Return the texts of an HTML page that went through no translation, also those of data."""
    reader = _Page()
    reader.feed(page)
    reader.close()
    return reader.bare
