"""Which column of a file is which column of its dataset."""

from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from uploads.datasets import Column, Dataset
from uploads.headings import PROBLEM_HEADING, plain
from uploads.suggesting import missing_columns
from uploads.tables.refusing import UnreadableFile

HEADINGS_SHOWN, HEADING_SIGNS = 12, 40


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """Where the columns of a dataset stand in a file."""

    dataset: Dataset
    headings: tuple[str, ...]
    places: ReadOnly[str, int]
    """The place of each column that is read, by its name."""

    @property
    def columns(self) -> list[Column]:
        """The columns that are read, as the dataset orders them."""
        return [column for column in self.dataset.columns if column.name in self.places]

    @property
    def unused(self) -> list[str]:
        """Headings of columns that are not read."""
        used = {*self.places.values()}
        others = [heading for place, heading in enumerate(self.headings) if place not in used]
        return [heading for heading in others if heading and plain(heading) != PROBLEM_HEADING]

    def heading(self, column: Column) -> str:
        """Return the column's heading in the file."""
        return self.headings[self.places[column.name]]


def mapped(
    headings: Sequence[str],
    *,
    dataset: Dataset,
    has_rows: bool = True,
    places: ReadOnly[str, int] | None = None,
) -> Mapping:
    """Return the mapping as a person chose it, or by names and synonyms where nobody did.

    Raises:
        UnreadableFile: two headings mean one column, a required one has none, or the file has no rows.
    """
    found = _by_names(headings, dataset) if places is None else places
    missing = missing_columns(found, dataset=dataset)
    if missing:
        raise UnreadableFile(what_is_missing(missing, headings))
    require_rows(has_rows=has_rows)
    return Mapping(dataset=dataset, headings=tuple(headings), places=found)


def require_rows(*, has_rows: bool) -> None:
    """Refuse a file that holds headings alone.

    Raises:
        UnreadableFile: it does.
    """
    if not has_rows:
        message = _("The file has headings but no rows below them.")
        raise UnreadableFile(message)


def _by_names(headings: Sequence[str], dataset: Dataset) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        column = dataset.by_heading.get(plain(heading))
        if column is None:
            continue
        if column.name in places:
            other = headings[places[column.name]]
            message = _(
                "Two columns hold the {column}: “{other}” and “{heading}”. Remove one of them."
            ).format(column=column.heading, other=other, heading=heading)
            raise UnreadableFile(message)
        places[column.name] = place
    return places


def what_is_missing(missing: Sequence[Column], headings: Sequence[str]) -> str:
    """Return a sentence that names the missing columns, and what the file has instead."""
    wanted = ", ".join(column.heading for column in missing)
    found = ", ".join(heading[:HEADING_SIGNS] for heading in headings[:HEADINGS_SHOWN] if heading)
    return _(
        "The file has no column for: {wanted}. Its first row must hold the headings; it holds: {found}. "
        "The template file shows the headings that we read."
    ).format(wanted=wanted, found=found)
