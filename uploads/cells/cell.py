"""What every type of cell answers: which values are doubtful, what is wrong with one, how it is kept.

Doubts are an expression over a whole column, and may be raised against right values; `found` then judges each
doubtful value exactly. So nearly all values are only looked at by the expression.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from uploads.tables.error_words import ERROR, UNSAVED

if TYPE_CHECKING:
    import polars as pl

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
DOUBTFUL = rf"{CONTROL.pattern}|{ERROR.pattern}|^{re.escape(UNSAVED)}$"
MEND = "Mend its formula, or write the value itself."
SAVE_AGAIN = "Open and save the workbook in your spreadsheet program, or write the value itself."


class Found(NamedTuple):
    """What is wrong with a value."""

    rule: str
    """The rule that it breaks, in a word: problems are counted by it."""
    reason: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What may stand in the cells of a column. Values come without blanks around them, and not empty."""

    longest: int = 200
    """Characters."""

    hangs_on_others: ClassVar[bool] = False
    """Whether what a value means hangs on the others of its column."""

    @property
    def rule(self) -> str:
        """What may stand in it, for the person."""
        return f"Up to {self.longest} characters."

    def for_column(self, values: "pl.Series") -> "Cell":  # noqa: ARG002 - only some types look
        """Return the type as it is for these values together, where they show how they are meant."""
        return self

    def doubts(self, cell: "pl.Expr") -> "pl.Expr":
        """Say of each value whether `found` must look at it."""
        return (cell.str.len_bytes() > self.longest) | cell.str.contains(DOUBTFUL)

    def found(self, value: str) -> Found | None:
        """Return what is wrong with the value, if anything is."""
        if ERROR.match(value):
            return Found("error", f"The cell holds the error {value}, not a value.", MEND)
        if value == UNSAVED:
            return Found("formula", "The cell holds a formula whose value was not saved.", SAVE_AGAIN)
        if CONTROL.search(value):
            return Found(
                "line break",
                "It holds a line break or another control character.",
                "Write it on one line.",
            )
        if wrong := self._found(value):
            return wrong
        if len(value) > self.longest:
            reason = f"It has {len(value)} characters; at most {self.longest} are kept."
            return Found("too long", reason, self.rule)
        return None

    def _found(self, value: str) -> Found | None:  # noqa: ARG002 - for the types that have a format
        """Return what is wrong with the value's format."""
        return None

    def settled(self, cell: "pl.Expr") -> "pl.Expr":
        """Return right values as the database writes them as text; what is empty stays so."""
        return cell
