"""Merge fields: the small template language of subjects and bodies."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jobs.directory import Student
from jobs.setting_fields import did_you_mean

FIELDS: Mapping[str, str] = {
    "first_name": "Maya",
    "last_name": "Lindqvist",
    "major": "Economics",
    "graduation_year": "2026",
    "school": "",
}
"""Each merge field with an example; the school has a name of its own."""

TOKEN = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")


class WrongTemplate(Exception):
    """A text has a merge field that does not exist, or a lone brace; the message says which."""


class HeaderBreak(Exception):
    """A value for a header holds a line break or another control character."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """A text cut into pieces, to be filled in for each recipient."""

    pieces: tuple[tuple[str, bool], ...]
    """Literal text, or the name of a field (True)."""

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with each field's value; a field without a value leaves nothing."""
        return "".join(values.get(text, "") if is_field else text for text, is_field in self.pieces)


def literal(text: str) -> Template:
    """Return a template that is `text` as it stands, braces and all."""
    return Template(pieces=((text, False),))


def read(text: str) -> Template:
    """Cut `text` at its merge fields; `{{` and `}}` stand for braces.

    Raises:
        WrongTemplate: a field is unknown or a brace stands alone.
    """
    pieces: list[tuple[str, bool]] = []
    end = 0
    for token in TOKEN.finditer(text):
        pieces.append((text[end : token.start()], False))
        pieces.append(_piece(token, text=text))
        end = token.end()
    pieces.append((text[end:], False))
    return Template(pieces=tuple(piece for piece in pieces if piece[0]))


def _piece(token: re.Match[str], *, text: str) -> tuple[str, bool]:
    if token[0] in {"{{", "}}"}:
        return token[0][0], False
    if token[1] is None:
        line = text.count("\n", 0, token.start()) + 1
        message = f"There is a lone {token[0]} in line {line}. To write a brace, double it: {token[0] * 2}."
        raise WrongTemplate(message)
    name = token[1].strip()
    if name not in FIELDS:
        known = ", ".join(f"{{{field}}}" for field in FIELDS)
        near = did_you_mean(name.lower().replace(" ", "_"), FIELDS).replace("'", "")
        message = f"There is no merge field {{{name}}}.{near} The fields are {known}."
        raise WrongTemplate(message)
    return name, True


def values_of(student: Student, *, school_name: str) -> dict[str, str]:
    """Return what the merge fields become for `student`."""
    year = student.graduation_year
    return {
        "first_name": student.first_name,
        "last_name": student.last_name,
        "major": student.major,
        "graduation_year": "" if year is None else str(year),
        "school": school_name,
    }


def examples(*, school_name: str) -> dict[str, str]:
    """Return an example for each merge field."""
    return {**FIELDS, "school": school_name}


def header_value(text: str) -> str:
    """Return `text` for use in a mail header.

    Raises:
        HeaderBreak: it could end the header and begin another.
    """
    if any(ord(character) < ord(" ") or ord(character) == 0x7F for character in text):  # noqa: PLR2004 - DEL
        message = "A line break or control character cannot stand in a mail's subject or name."
        raise HeaderBreak(message)
    return text
