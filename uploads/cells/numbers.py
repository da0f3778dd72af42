"""Cells that hold numbers: years, whole numbers, amounts."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from uploads.cells.cell import Cell, Found

if TYPE_CHECKING:
    import polars as pl

# A sign that parts thousands differs from the one before the fraction; three digits behind one are thousands.
AMOUNT = re.compile(
    r"^-?(?:[0-9]+|[0-9]{1,3}(?:[.'\u2019\u00a0\u202f ][0-9]{3})+)(?:,[0-9]{1,2})?$"
    r"|^-?(?:[0-9]+|[0-9]{1,3}(?:[,'\u2019\u00a0\u202f ][0-9]{3})+)(?:\.[0-9]{1,2})?$"
)
NEGATIVE = re.compile("^-.*[1-9]")
SIGNS_BETWEEN = r"[.,'\u2019\u00a0\u202f ]"
FRACTION = r"[.,]([0-9]{1,2})$"
PLACES = 2


@dataclass(frozen=True, kw_only=True)
class Whole(Cell):
    """A whole number within bounds."""

    least: int = 0
    most: int

    @property
    def rule(self) -> str:
        """What may stand in it, for the person."""
        return _("A whole number from {least} to {most}.").format(least=self.least, most=self.most)

    def doubts(self, cell: "pl.Expr") -> "pl.Expr":
        """Doubt what is not plainly such a number."""
        import polars as pl  # noqa: PLC0415  (see uploads.kinds)

        number = cell.cast(pl.Int64, strict=False)
        is_plain = number.is_between(self.least, self.most) & (number.cast(pl.String) == cell)
        return ~is_plain.fill_null(value=False)

    def _found(self, value: str) -> Found | None:
        if re.fullmatch(r"0|-?[1-9][0-9]{0,17}", value) and self.least <= int(value) <= self.most:
            return None
        reason = _("It is not a whole number from {least} to {most}.").format(
            least=self.least, most=self.most
        )
        return Found("number", reason, _("Write the number in digits alone, without blanks and other signs."))


@dataclass(frozen=True, kw_only=True)
class Year(Whole):
    """A year of four digits."""

    longest: int = 4

    @property
    def rule(self) -> str:
        """What may stand in it, for the person."""
        return _("A year from {least} to {most}.").format(least=self.least, most=self.most)

    def _found(self, value: str) -> Found | None:
        if re.fullmatch(r"[0-9]{4}", value) and self.least <= int(value) <= self.most:
            return None
        reason = _("It is not a year from {least} to {most}.").format(least=self.least, most=self.most)
        return Found("year", reason, _("Write four digits such as 2027, or leave it empty."))


@dataclass(frozen=True, kw_only=True)
class Decimal(Cell):
    """An amount with up to two digits of fraction, written in the way of any country."""

    longest: int = 24
    most_digits: int = 10
    """Before the fraction."""
    may_be_negative: bool = True

    @property
    def rule(self) -> str:
        """What may stand in it, for the person."""
        return _("An amount such as 52000, 52,000.50 or 52.000,50.")

    def doubts(self, cell: "pl.Expr") -> "pl.Expr":
        """Doubt what is no amount, or a very large one."""
        is_odd = ~cell.str.contains(AMOUNT.pattern) | (cell.str.len_bytes() > self.most_digits)
        return is_odd if self.may_be_negative else is_odd | cell.str.starts_with("-")

    def _found(self, value: str) -> Found | None:
        if not AMOUNT.match(value):
            remedy = _("Write digits alone, such as 52000 or 52000.50, without a currency.")
            return Found("amount", _("It is not an amount with at most two digits of fraction."), remedy)
        if not self.may_be_negative and NEGATIVE.match(value):
            remedy = _("Write it without the sign before it, or leave the cell empty.")
            return Found("negative", _("The amount is negative."), remedy)
        whole = re.sub(FRACTION, "", value)
        if len(re.sub(r"[^0-9]", "", whole)) > self.most_digits:
            remedy = _("Write at most {most_digits} digits before the fraction.").format(
                most_digits=self.most_digits
            )
            return Found("too large", _("The amount is too large."), remedy)
        return None

    def settled(self, cell: "pl.Expr") -> "pl.Expr":
        """Return amounts with two digits of fraction behind a point, and nothing between the others."""
        import polars as pl  # noqa: PLC0415  (see uploads.kinds)

        whole = cell.str.replace(FRACTION, "").str.replace_all(SIGNS_BETWEEN, "")
        # Zeros at the start are no part of the number; one stays where there is nothing else.
        whole = whole.str.replace(r"^(-?)0+([0-9])", "${1}${2}")
        fraction = cell.str.extract(FRACTION).fill_null("").str.pad_end(PLACES, "0")
        amount = pl.concat_str(whole, pl.lit("."), fraction)
        amount = pl.when(amount == "-0.00").then(pl.lit("0.00")).otherwise(amount)
        return pl.when(cell == "").then(cell).otherwise(amount)
