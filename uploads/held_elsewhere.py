"""Values that may stand once, which somebody has who is known under another key."""

import polars as pl
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.language import listed
from uploads.comparing import Comparison
from uploads.datasets.declaring import Unique
from uploads.mapping import Mapping

REMEDY = gettext_lazy(
    "One of the two is wrong. Correct it here, or upload one file that says what is right for both."
)


def held_elsewhere(comparison: Comparison, *, mapping: Mapping) -> pl.DataFrame:
    """Return a problem for each row that would take a value which another known row has, and keeps.

    A known row of which the file has the key keeps what the file says: `find_repeated` compares these.
    Rows that change nothing of the value are left in peace. As `uploads.rules.PROBLEMS` says.
    """
    held = [unique for unique in mapping.dataset.unique if set(unique.columns) <= set(mapping.places)]
    first = len(mapping.dataset.columns) + 1 + len(mapping.dataset.unique)
    found = [_held(comparison, unique, mapping, place) for place, unique in enumerate(held, start=first)]
    return pl.concat(found) if found else pl.DataFrame()


def _held(comparison: Comparison, unique: Unique, mapping: Mapping, place: int) -> pl.DataFrame:
    dataset, columns = mapping.dataset, list(unique.columns)
    heading = listed([mapping.heading(dataset.column(name)) for name in columns])
    owner = pl.concat_str([pl.col(name) for name in dataset.key], separator=", ")
    left = comparison.left_alone.select(owner=owner, **_keys(unique))
    wanted = comparison.good.select("row", *columns)
    wanted = wanted[_takers(comparison, columns)] if left.height else wanted.head(0)
    wanted = wanted.select(
        "row", value=pl.concat_str([pl.col(name) for name in columns], separator=", "), **_keys(unique)
    )
    keys = list(_keys(unique))
    is_there = pl.all_horizontal(pl.col(key) != "" for key in keys)
    others = left.filter(is_there).unique(keys, keep="first", maintain_order=True)
    return wanted.join(others, on=keys, maintain_order="left").select(
        "row",
        place=pl.lit(place, dtype=pl.UInt16),
        name=pl.lit(columns[0] if len(columns) == 1 else ""),
        column=pl.lit(heading),
        value="value",
        rule=pl.lit("held elsewhere"),
        reason=pl.format(_("The {} {} has the same {}."), pl.lit(_(dataset.one)), "owner", pl.lit(heading)),
        remedy=pl.lit(str(REMEDY)),
    )


def _keys(unique: Unique) -> dict[str, pl.Expr]:
    """Return what is compared of a row."""
    cells = {f"key {name}": pl.col(name) for name in unique.columns}
    return {name: cell.str.to_lowercase() if unique.ignores_case else cell for name, cell in cells.items()}


def _takers(comparison: Comparison, columns: list[str]) -> pl.Series:
    """Return the places in `good` of rows that are new, or would change one of the columns."""
    changed, good, known = comparison.changed, comparison.good, comparison.known
    differs = pl.Series([False], dtype=pl.Boolean).new_from_index(0, changed.height)
    for name in columns:
        differs |= good[name][changed["good"]] != known[name][changed["known"]]
    return pl.concat([comparison.new, changed["good"].filter(differs)])
