"""Texts without the characters that people do not see."""

import re
import unicodedata

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
"""Those but tabs and newlines: browsers send carriage returns before these; XML 1.0 cannot hold most (https://www.w3.org/TR/xml/#charsets)."""


def without_controls(text: str) -> str:
    """Return `text` without control characters; tabs stay, and newlines as ends of lines."""
    return CONTROLS.sub("", text)


UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of Unicode that no line of text has: control characters, halves of pairs, ends of lines."""


def is_one_line(text: str) -> bool:
    """Whether `text` is one line, without control characters: names stand in heads of mails."""
    return not any(unicodedata.category(each) in UNSEEN for each in text)
