"""As what a file's columns are offered to be read: as chosen before, by name and synonym, by likeness."""

from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from uploads.datasets import Column, Dataset
from uploads.headings import PROBLEM_HEADING, keys_of, plain
from uploads.likeness import likeness, words_of

Why = Literal["", "name", "likeness", "choice"]
"""By what a column was found; empty for one that is not read."""


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """As what each column of a file is offered to be read."""

    dataset: Dataset
    headings: tuple[str, ...]
    places: ReadOnly[str, int]
    """The place in the file of each column that was found, by its name."""
    why: ReadOnly[int, Why]
    """By what it was found, by its place."""
    rivals: ReadOnly[str, list[str]] = field(default_factory=dict)
    """The headings that mean the same column by name, where several do, by the column's name."""

    @property
    def missing(self) -> list[Column]:
        """Required columns that were not found."""
        return missing_columns(self.places, dataset=self.dataset)

    @property
    def missing_headings(self) -> str:
        """How pages name those."""
        return ", ".join(column.heading for column in self.missing)

    @property
    def can_be_completed(self) -> bool:
        """Whether there are enough other columns for those that were not found."""
        return len(self.missing) <= len(self._others)

    @property
    def is_sure(self) -> bool:
        """Whether all that is required was found by name, or as chosen before, and nothing twice."""
        return not self.missing and not self.rivals and "likeness" not in self.why.values()

    @property
    def needs_nobody(self) -> bool:
        """Whether every column of the file is one of ours by name, so that there is nothing to choose."""
        return self.is_sure and not self._others and "choice" not in self.why.values()

    @property
    def _others(self) -> list[int]:
        return [
            place
            for place, heading in enumerate(self.headings)
            if place not in self.why and plain(heading) not in {"", PROBLEM_HEADING}
        ]


def missing_columns(places: ReadOnly[str, int], *, dataset: Dataset) -> list[Column]:
    """Return the required columns that have no place."""
    return [column for column in dataset.columns if column.is_required and column.name not in places]


def suggest(
    headings: Sequence[str], *, dataset: Dataset, chosen: ReadOnly[str, str] | None = None
) -> Suggestion:
    """Return as what the columns may be read.

    `chosen` is what the school chose for a file of this shape: names by `keys_of`. Then nothing is guessed.
    """
    if chosen is not None:
        found = {chosen.get(key, ""): place for place, key in enumerate(keys_of(headings)) if key}
        places = {name: place for name, place in found.items() if name}
        return _suggestion(headings, dataset, places, dict.fromkeys(places.values(), "choice"), {})
    by_name = _by_name(headings, dataset)
    places = {name: held[0] for name, held in by_name.items()}
    why: dict[int, Why] = dict.fromkeys(places.values(), "name")
    taken = {place for held in by_name.values() for place in held}
    for name, place in _by_likeness(headings, dataset, found=places, taken=taken):
        places[name] = place
        why[place] = "likeness"
    rivals = {name: [headings[place] for place in held] for name, held in by_name.items() if len(held) > 1}
    return _suggestion(headings, dataset, places, why, rivals)


def _suggestion(
    headings: Sequence[str],
    dataset: Dataset,
    places: ReadOnly[str, int],
    why: ReadOnly[int, Why],
    rivals: ReadOnly[str, list[str]],
) -> Suggestion:
    return Suggestion(dataset=dataset, headings=tuple(headings), places=places, why=why, rivals=rivals)


def _by_name(headings: Sequence[str], dataset: Dataset) -> dict[str, list[int]]:
    """Return the places of the headings that mean each column; its own heading goes before synonyms."""
    found: dict[str, list[int]] = {}
    for place, heading in enumerate(headings):
        if column := dataset.by_heading.get(plain(heading)):
            found.setdefault(column.name, []).append(place)
    for name, held in found.items():
        own = {plain(dataset.column(name).heading), plain(name)}
        held.sort(key=lambda place: plain(headings[place]) not in own)
    return found


def _by_likeness(
    headings: Sequence[str], dataset: Dataset, *, found: ReadOnly[str, int], taken: set[int]
) -> list[tuple[str, int]]:
    """Pair the columns and headings that are left, those that are most alike first."""
    common = frozenset(words_of(dataset.one))
    scores = []
    for order, column in enumerate(dataset.columns):
        if column.name in found:
            continue
        names = (column.heading, *column.synonyms)
        for place, heading in enumerate(headings):
            if place not in taken and plain(heading) not in {"", PROBLEM_HEADING}:
                score = max(likeness(heading, name, common=common) for name in names)
                scores.append((-score, order, place, column.name))
    pairs: dict[str, int] = {}
    for score, _, place, name in sorted(scores):
        if score < 0 and name not in pairs and place not in pairs.values():
            pairs[name] = place
    return list(pairs.items())
