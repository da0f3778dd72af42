"""Good rows set beside what is known: which are new, changed, unchanged, or look like another person."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from uploads.datasets import Column, Dataset


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

    @cached_property
    def new_rows(self) -> pl.DataFrame:
        """The rows whose key is not known."""
        return self.good[self.new]

    def taken(self, *, with_others: bool) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the changed rows that an import takes, as they are known and as they would be, with `id`."""
        before, after = self.before, self.after.with_columns(self.before["id"])
        if with_others or not self.other_rows:
            return before, after
        is_sure = ~self.changed["is_other"]
        return before.filter(is_sure), after.filter(is_sure)

    @cached_property
    def before(self) -> pl.DataFrame:
        """The known rows of the changed ones, in their order, with the `id`."""
        return self.known[self.changed["known"]]

    @cached_property
    def after(self) -> pl.DataFrame:
        """What the changed rows would be, in their order: the file's cells, or what stays as it is."""
        after = self.good[self.changed["good"]]
        kept = [column.name for column in self.compared if column.blank == "unchanged"]
        if not kept:
            return after
        stays = {name: self.before[name] for name in kept}
        return after.with_columns(
            pl.when(pl.col(name) == "").then(stay).otherwise(pl.col(name)).alias(name)
            for name, stay in stays.items()
        )


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
    differs = pl.Series([False], dtype=pl.Boolean).new_from_index(0, found.height)
    for column in compared:
        differs |= _differs(good[column.name][found["good"]], known[column.name][found["known"]], column)
    changed = found.filter(differs)
    is_other = _is_other(changed, good, known, dataset)
    return Comparison(
        dataset=dataset,
        columns=columns,
        good=good,
        known=known,
        new=new,
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

    def differs(name: str) -> pl.Series:
        given, before = good[name][changed["good"]], known[name][changed["known"]]
        return given.str.to_lowercase() != before.str.to_lowercase()

    is_renamed = differs(person.names[0])
    for name in person.names[1:]:
        is_renamed |= differs(name)
    return is_renamed & differs(person.address)
