"""Cells that hold one of a few values."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from uploads.cells.cell import Cell, Found

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, kw_only=True)
class Choice(Cell):
    """One of a few values, in capitals or not; each is kept by its own word."""

    values: dict[str, tuple[str, ...]]
    """The words that mean a value, by the value as it is kept; the first one is shown."""

    @property
    def words(self) -> dict[str, str]:
        """The value that each word means, by the word in small letters."""
        return {word.lower(): value for value, words in self.values.items() for word in (value, *words)}

    @property
    def shown(self) -> str:
        """The words that are shown, in a sentence."""
        return ", ".join(words[0] for words in self.values.values())

    @property
    def rule(self) -> str:
        """What may stand in it, for the person."""
        return _("One of: {shown}.").format(shown=self.shown)

    def doubts(self, cell: "pl.Expr") -> "pl.Expr":
        """Doubt every other word."""
        return ~cell.str.to_lowercase().is_in(list(self.words))

    def _found(self, value: str) -> Found | None:
        if value.lower() in self.words:
            return None
        return Found(
            "choice",
            _("It is none of the words that we know here."),
            _("Write one of: {shown}.").format(shown=self.shown),
        )

    def settled(self, cell: "pl.Expr") -> "pl.Expr":
        """Return the values that the words mean."""
        return cell.str.to_lowercase().replace(self.words)
