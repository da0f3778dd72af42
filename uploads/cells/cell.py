"""What every type of cell answers: which values are doubtful, what is wrong with one, how it is kept.

Doubts are an expression over a whole column, and may be raised against right values; `found` then judges each
doubtful value exactly. So nearly all values are only looked at by the expression.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from uploads.tables.error_words import ERROR, UNSAVED

if TYPE_CHECKING:
    import polars as pl

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
UNSEEN = re.compile(
    r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|(?:^|[\x00-\u05ff])[\u200c\u200d]"
)
"""Signs without a width, and those that turn the direction of writing: who sees a name does not see them.

Scripts from Arabic on and pictures need two of them, between their own letters.
"""
DOUBTFUL = rf"{CONTROL.pattern}|{UNSEEN.pattern}|{ERROR.pattern}|^{re.escape(UNSAVED)}$"
MEND = gettext_lazy("Mend its formula, or write the value itself.")
SAVE_AGAIN = gettext_lazy(
    "Open and save the workbook in your spreadsheet program, or write the value itself."
)


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
        return _("Up to {longest} characters.").format(longest=self.longest)

    def for_column(self, values: "pl.Series") -> "Cell":  # noqa: ARG002 - only some types look
        """Return the type as it is for these values together, where they show how they are meant."""
        return self

    def doubts(self, cell: "pl.Expr") -> "pl.Expr":
        """Say of each value whether `found` must look at it."""
        return (cell.str.len_bytes() > self.longest) | cell.str.contains(DOUBTFUL)

    def found(self, value: str) -> Found | None:
        """Return what is wrong with the value, if anything is."""
        if wrong := _no_value(value) or self._found(value):
            return wrong
        if len(value) > self.longest:
            reason = _("It has {number} characters; at most {longest} are kept.").format(
                number=len(value), longest=self.longest
            )
            return Found("too long", reason, self.rule)
        return None

    def _found(self, value: str) -> Found | None:  # noqa: ARG002 - for the types that have a format
        """Return what is wrong with the value's format."""
        return None

    def settled(self, cell: "pl.Expr") -> "pl.Expr":
        """Return right values as the database writes them as text; what is empty stays so."""
        return cell


def _no_value(value: str) -> Found | None:
    """Return what is wrong with a value wherever it stands."""
    if ERROR.match(value):
        return Found(
            "error", _("The cell holds the error {value}, not a value.").format(value=value), str(MEND)
        )
    if value == UNSAVED:
        return Found("formula", _("The cell holds a formula whose value was not saved."), str(SAVE_AGAIN))
    if CONTROL.search(value):
        reason = _("It holds a line break or another control character.")
        return Found("line break", reason, _("Write it on one line."))
    if UNSEEN.search(value):
        reason = _("It holds a sign that cannot be seen: one without a width, or one that turns the writing.")
        return Found("unseen", reason, _("Delete the value and type it anew."))
    return None
