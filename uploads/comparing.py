"""Good rows set beside what is known: which are new, changed, unchanged, or look like another person."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TypeVar

import polars as pl

from uploads.datasets import Column, Dataset
from uploads.known import ID
from uploads.pairs import in_pairs

ROWS_AT_ONCE = 50_000
"""Whole rows are put together for so many at a time, so that the others take no memory."""
Rows = TypeVar("Rows", pl.DataFrame, pl.Series)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many rows are new, changed, unchanged, wrong, and left out though they are good."""

    new: int
    changed: int
    unchanged: int
    wrong: int = 0
    left_out: int = 0


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Good rows and the known rows of the same keys."""

    dataset: Dataset
    columns: Sequence[Column]
    """Those that the file has, the key's among them."""
    good: pl.DataFrame
    known: pl.DataFrame
    new: pl.Series
    """The places in `good` of rows whose key is not known."""
    left_alone: pl.DataFrame
    """The known rows of whose key no good row is."""
    changed: pl.DataFrame
    """The places of rows that differ, in `good` and in `known`, and whether they look like another person."""

    @property
    def compared(self) -> list[Column]:
        """The columns that may change."""
        return [column for column in self.columns if column.name not in self.dataset.key]

    @property
    def other_rows(self) -> int:
        """How many rows look like another person than the known one of that key."""
        return int(self.changed["is_other"].sum())

    def counts(self, *, wrong: int = 0, with_others: bool = True) -> Counts:
        """Return how many rows an import would take, and of which sort."""
        left_out = 0 if with_others else self.other_rows
        changed = self.changed.height - left_out
        unchanged = self.good.height - self.new.len() - self.changed.height
        return Counts(
            new=self.new.len(), changed=changed, unchanged=unchanged, wrong=wrong, left_out=left_out
        )

    def added(self) -> Iterator[pl.DataFrame]:
        """Yield the rows whose key is not known, by their key, some at a time."""
        keys = self.good.select(self.dataset.key)[self.new]
        order = keys.select(pl.arg_sort_by(self.dataset.key)).to_series()
        for places in _some_of(self.new[order]):
            yield self.good[places]

    def changes(self, places: pl.DataFrame) -> Iterator["Change"]:
        """Yield `places`, rows of `changed`, with what they are and would be, some at a time."""
        for some in _some_of(places):
            before = self.known[some["known"]]
            yield Change(places=some, before=before, after=self._after(some, before))

    def taken(self, *, with_others: bool) -> pl.DataFrame:
        """Return the rows of `changed` that an import takes, in the order of the known ones."""
        taken = self.changed if with_others else self.changed.filter(~pl.col("is_other"))
        return taken.sort("known")

    def _after(self, places: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
        """Return the file's cells, or what stays where they are empty, with the `id`."""
        after = self.good[places["good"]].with_columns(before[ID])
        kept = {column.name: before[column.name] for column in self.compared if column.blank == "unchanged"}
        return after.with_columns(
            pl.when(pl.col(name) == "").then(stays).otherwise(pl.col(name)).alias(name)
            for name, stays in kept.items()
        )


@dataclass(frozen=True, kw_only=True)
class Change:
    """Some changed rows."""

    places: pl.DataFrame
    before: pl.DataFrame
    """As they are known, with their `id`."""
    after: pl.DataFrame
    """As they would be, with their `id` and the file's `row`."""


def _some_of(rows: Rows) -> Iterator[Rows]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]


def compare(
    good: pl.DataFrame, known: pl.DataFrame, *, dataset: Dataset, columns: Sequence[Column]
) -> Comparison:
    """Return which of the good rows are new, and which differ from the known row of their key."""
    keys = list(dataset.key)
    pairs = (
        good.select(*keys, good=pl.int_range(pl.len(), dtype=pl.UInt32))
        .join(
            known.select(*keys, known=pl.int_range(pl.len(), dtype=pl.UInt32)),
            on=keys,
            how="left",
            maintain_order="left",
        )
        .select("good", "known")
    )
    new = pairs.filter(pl.col("known").is_null())["good"]
    found = pairs.filter(pl.col("known").is_not_null())
    compared = [column for column in columns if column.name not in dataset.key]

    def differing(column: Column) -> pl.Series:
        return _differs(good[column.name][found["good"]], known[column.name][found["known"]], column)

    nowhere = pl.Series([False], dtype=pl.Boolean).new_from_index(0, found.height)
    changed = found.filter(reduce(or_, in_pairs(differing, compared), nowhere))
    is_other = _is_other(changed, good, known, dataset)
    return Comparison(
        dataset=dataset,
        columns=columns,
        good=good,
        known=known,
        new=new,
        left_alone=known.filter(~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(found["known"].implode())),
        changed=changed.with_columns(is_other=is_other),
    )


def _differs(given: pl.Series, known: pl.Series, column: Column) -> pl.Series:
    differs = given != known
    return differs & (given != "") if column.blank == "unchanged" else differs


def _is_other(changed: pl.DataFrame, good: pl.DataFrame, known: pl.DataFrame, dataset: Dataset) -> pl.Series:
    """Say which rows have another name and another address, apart from capitals."""
    person = dataset.person
    if person is None:
        return pl.Series([False], dtype=pl.Boolean).new_from_index(0, changed.height)
    # Only where the address differs, which is seldom, the rest is looked at.
    given, before = good[person.address][changed["good"]], known[person.address][changed["known"]]
    moved = changed.filter(given != before)

    def differs(name: str) -> pl.Series:
        given, before = good[name][moved["good"]], known[name][moved["known"]]
        return given.str.to_lowercase() != before.str.to_lowercase()

    is_renamed = differs(person.names[0])
    for name in person.names[1:]:
        is_renamed |= differs(name)
    others = moved.filter(is_renamed & differs(person.address))
    return changed["good"].is_in(others["good"].implode())
