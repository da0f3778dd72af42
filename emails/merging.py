"""Merge fields: what stands in subjects and texts for what differs from recipient to recipient."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _
from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from emails import templating
from emails.straight import Straight, straightened
from emails.templating import CannotFill, WrongTemplate
from jobs.directory import Student

FIELDS: Mapping[str, str] = {
    "first_name": "Maya",
    "last_name": "Lindqvist",
    "email": "maya.lindqvist@students.example",
    "number": "0012345",
    "major": "Economics",
    "graduation_year": "2026",
    "school": "",
}
"""Each merge field with an example: the columns of a student, and the school, which has a name of its own."""

WITH_DEFAULT = '{{ first_name | default: "student" }}'
"""An example of a field with words for whoever has no value."""
WITH_CHOICE = '{% if major == "Law" %}…{% else %}…{% endif %}'
"""An example of words that depend on a field."""

ONE_BRACE = re.compile(r"(?<!\{)\{\s*(\w+)\s*\}(?!\})")
TEMPLATES_KEPT = 64


@dataclass(frozen=True, kw_only=True)
class Template:
    """A text to be filled in for each recipient, compiled once."""

    text: str
    """The whole text when it has no merge field."""
    liquid: BoundTemplate | None = None
    straight: Straight | None = None
    """The same in a quicker form, if it has one."""
    needed: frozenset[str] = frozenset()
    """Fields that leave a gap when a recipient has no value for them."""

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with each field's value; an empty value leaves nothing.

        Raises:
            CannotFill: a field has no value at all, or the text would grow too long.
        """
        if self.liquid is None:
            return self.text
        try:
            return self.straight.fill(values) if self.straight else self.liquid.render(values)
        except LiquidError as error:
            raise CannotFill(str(error.message)) from error
        except KeyError as error:
            message = _("there is no value for the merge field {error}").format(error=error)
            raise CannotFill(message) from error


def literal(text: str) -> Template:
    """Return a template that is `text` as it stands, braces and all."""
    return Template(text=text)


@lru_cache(maxsize=TEMPLATES_KEPT)
def read(text: str, *, is_html: bool = False) -> Template:
    """Compile `text`, of which the last ones are kept; with `is_html` values are escaped.

    Raises:
        WrongTemplate: a field is unknown, or the text cannot be read or filled in.
    """
    _require_two_braces(text)
    liquid = templating.compiled(text, fields=FIELDS, is_html=is_html)
    needed = templating.needed(liquid) & FIELDS.keys()
    straight = straightened(liquid, is_html=is_html)
    template = Template(text=text, liquid=liquid, straight=straight, needed=needed)
    for values in (FIELDS, dict.fromkeys(FIELDS, "")):
        try:
            template.fill(values)
        except CannotFill as error:
            message = _("The text cannot be filled in: {error}.").format(error=error)
            raise WrongTemplate(message) from error
    return template


def _require_two_braces(text: str) -> None:
    for found in ONE_BRACE.finditer(text):
        if found[1].lower() in FIELDS:
            name = found[1].lower()
            line = text.count("\n", 0, found.start()) + 1
            message = _(
                "Line {line}: write {{{{ {name} }}}}, with two braces, where it says {found}."
            ).format(line=line, name=name, found=found[0])
            raise WrongTemplate(message)


def values_of(student: Student, *, school_name: str) -> dict[str, str]:
    """Return what the merge fields become for `student`."""
    year = student.graduation_year
    return {
        "first_name": student.first_name,
        "last_name": student.last_name,
        "email": student.email,
        "number": student.number,
        "major": student.major,
        "graduation_year": "" if year is None else str(year),
        "school": school_name,
    }


def examples(*, school_name: str) -> dict[str, str]:
    """Return an example for each merge field."""
    return {**FIELDS, "school": school_name}


def readable(text: str, *, school_name: str) -> str:
    """Return `text` as pages show it where no recipient is: `[first name]` where each one's will stand.

    Conditions are told as for a recipient who has a value for every field; what cannot be read stays.
    """
    if "{" not in text:
        return text
    names = {name: f"[{name.replace('_', ' ')}]" for name in FIELDS}
    try:
        return read(text).fill({**names, "school": school_name}).strip() or text
    except (CannotFill, WrongTemplate):
        return text
