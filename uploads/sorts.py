"""The sorts of problems of a file: how many there are of each, and what is wrong with all of one sort."""

import polars as pl
from django.utils.translation import gettext_lazy as _

SAID = {
    "error": _("The cell holds an error, not a value."),
    "held elsewhere": _("Somebody else known here has the same."),
    "number of cells": _("The row has more or fewer cells than there are headings."),
    "repeated": _("An earlier row has the same."),
    "too long": _("It has more characters than are kept."),
}
"""What is said of several problems by their rule, where the reason of each tells of its own row or value."""


def sorts_of(problems: pl.DataFrame) -> pl.DataFrame:
    """Return `column`, `reason` and `count` of each sort, those first that there are most of."""
    first = pl.col("reason").first()
    told = {rule: str(words) for rule, words in SAID.items()}
    said = pl.col("rule").first().replace_strict(told, default=first)
    is_one = pl.col("reason").n_unique() == 1
    sorts = problems.group_by("column", "rule", maintain_order=True).agg(
        pl.when(is_one).then(first).otherwise(said).alias("reason"), pl.len().alias("count")
    )
    return sorts.drop("rule").sort("count", descending=True, maintain_order=True)
