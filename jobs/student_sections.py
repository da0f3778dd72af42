"""What apps besides the one that keeps the students show on the page of one student."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobs.models import School

Read = Callable[["School", int], Mapping[str, Any]]
"""Takes the school and the student's id there."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the page."""

    template: str
    """It finds what was read as `shown`."""
    read: Read


@dataclass(frozen=True, kw_only=True)
class ShownSection:
    """A part of the page of one student."""

    template: str
    shown: Mapping[str, Any]


_offered: dict[str, Section] = {}


def offer(section: Section) -> None:
    """Show the section on the page of each student; the same template again takes its place."""
    _offered[section.template] = section


def sections_of(student_id: int, *, school: "School") -> list[ShownSection]:
    """Return what apps show of the student, in the order in which they offered it."""
    return [
        ShownSection(template=each.template, shown=each.read(school, student_id))
        for each in _offered.values()
    ]
