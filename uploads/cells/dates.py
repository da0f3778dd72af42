"""Cells that hold dates, in the writings that spreadsheet programs and people use."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from uploads.cells.cell import Cell, Found

if TYPE_CHECKING:
    import polars as pl

EARLIEST, LATEST = 1900, 2200
BY_YEAR = re.compile(
    r"^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?$"
)
WITH_DOTS = re.compile(r"^([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})$")
WITH_SLASHES = re.compile(r"^([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})$")
DAY_NUMBER = re.compile(r"^[1-7][0-9]{4}$")
"""From 1927 to 2119."""
DAY_0 = date(1899, 12, 30)
SHORT_YEAR = re.compile(r"^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}$")
ANY = f"{BY_YEAR.pattern}|{WITH_DOTS.pattern}|{WITH_SLASHES.pattern}"
MONTHS = 12
REMEDY = gettext_lazy("Write year, month and day, such as 2027-04-03.")

NO_ORDER = gettext_lazy("Nothing in this column tells whether the day or the month stands first.")
BOTH_ORDERS = gettext_lazy(
    "The dates of this column contradict each other: in some the day stands first, in others the month."
)


@dataclass(frozen=True, kw_only=True)
class Date(Cell):
    """A date. Whether the day or the month stands first between slashes, the column itself must tell."""

    longest: int = 30
    hangs_on_others: ClassVar[bool] = True
    is_day_first: bool | None = None
    """None when the column does not tell."""
    has_both_orders: bool = False
    """Whether the column holds dates that can only be read one way, and others only the other way."""

    @property
    def rule(self) -> str:
        """What may stand in it, for the person."""
        return _("A date such as 2027-04-03 or 3.4.2027; from a workbook, any cell that is a date.")

    def for_column(self, values: "pl.Series") -> "Date":
        """A first number above 12 is a day, a second one tells that months come first."""
        import polars as pl  # noqa: PLC0415  (see uploads.kinds)

        parts = values.str.extract_groups(WITH_SLASHES.pattern).struct
        firsts = parts.field("1").cast(pl.UInt8, strict=False).max()
        seconds = parts.field("2").cast(pl.UInt8, strict=False).max()
        days_first = isinstance(firsts, int) and firsts > MONTHS
        months_first = isinstance(seconds, int) and seconds > MONTHS
        return replace(
            self,
            is_day_first=days_first if days_first != months_first else None,
            has_both_orders=days_first and months_first,
        )

    def doubts(self, cell: "pl.Expr") -> "pl.Expr":
        """Doubt what is not written in a way that we know, and what is no date."""
        found = self._date(cell)
        is_date = found.dt.year().is_between(EARLIEST, LATEST) & cell.str.contains(ANY)
        return ~is_date.fill_null(value=False)

    def _date(self, cell: "pl.Expr") -> "pl.Expr":
        import polars as pl  # noqa: PLC0415  (see uploads.kinds)

        writings = ["%d.%m.%Y"]
        if self.is_day_first is not None:
            writings.append("%d/%m/%Y" if self.is_day_first else "%m/%d/%Y")
        first = cell.str.replace("[T ].*$", "").str.to_date("%Y-%m-%d", strict=False)
        return pl.coalesce(first, *(cell.str.to_date(writing, strict=False) for writing in writings))

    def _found(self, value: str) -> Found | None:
        numbers = self._numbers(value)
        if SHORT_YEAR.match(value):
            return Found(
                "two digits", _("The year has two digits, so its century is not certain."), str(REMEDY)
            )
        if numbers is None:
            return self._no_date(value)
        year, month, day = numbers
        try:
            date(year, month, day)
        except ValueError:
            return Found("no such day", _("There is no such day."), str(REMEDY))
        if not EARLIEST <= year <= LATEST:
            return Found(
                "year",
                _("The year is not one from {earliest} to {latest}.").format(
                    earliest=EARLIEST, latest=LATEST
                ),
                str(REMEDY),
            )
        return None

    def _numbers(self, value: str) -> tuple[int, int, int] | None:
        """Return year, month and day."""
        if found := BY_YEAR.match(value):
            year, month, day = found.groups()[:3]
        elif found := WITH_DOTS.match(value):
            day, month, year = found.groups()
        elif self.is_day_first is not None and (found := WITH_SLASHES.match(value)):
            first, second, year = found.groups()
            day, month = (first, second) if self.is_day_first else (second, first)
        else:
            return None
        return int(year), int(month), int(day)

    def _no_date(self, value: str) -> Found:
        if WITH_SLASHES.match(value):
            return Found("order", str(BOTH_ORDERS if self.has_both_orders else NO_ORDER), str(REMEDY))
        return _no_date(value)

    def settled(self, cell: "pl.Expr") -> "pl.Expr":
        """Return dates as year, month and day."""
        return self._date(cell).dt.to_string("%Y-%m-%d").fill_null("")


def _no_date(value: str) -> Found:
    if DAY_NUMBER.match(value):
        day = DAY_0 + timedelta(days=int(value))
        remedy = _("Write {day}, or let your spreadsheet program show the column as dates.").format(day=day)
        return Found(
            "day number", _("It is the number of a day, as spreadsheet programs count them."), remedy
        )
    return Found("date", _("It is not a date."), str(REMEDY))
