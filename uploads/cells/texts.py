"""Cells that hold text: any, e-mail addresses, addresses of web pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.translation import gettext as _

from uploads.cells.cell import Cell, Found

if TYPE_CHECKING:
    import polars as pl

# What both patterns let pass, Django's validators let pass too, as long as no part between dots is too long.
PLAIN_EMAIL = r"^[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,}$"
PLAIN_URL = r"^https?://(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+[A-Za-z]{2,}(?:/[A-Za-z0-9/._~-]*)?$"
LONGEST_PART = 63
validate_url = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, kw_only=True)
class Text(Cell):
    """Any text on one line."""


@dataclass(frozen=True, kw_only=True)
class Email(Cell):
    """An e-mail address."""

    longest: int = 254

    @property
    def rule(self) -> str:
        """What may stand in it, for the person."""
        return _("An address such as maya.lee@school.edu; each address once in the file.")

    def doubts(self, cell: "pl.Expr") -> "pl.Expr":
        """Doubt what is not plainly an address."""
        return (cell.str.len_bytes() > LONGEST_PART) | ~cell.str.contains(PLAIN_EMAIL)

    def _found(self, value: str) -> Found | None:
        if _passes(validate_email, value):
            return None
        remedy = _("Write an address such as maya.lee@school.edu.")
        return Found("e-mail address", _("It is not an e-mail address."), remedy)


@dataclass(frozen=True, kw_only=True)
class Url(Cell):
    """The address of a web page."""

    @property
    def rule(self) -> str:
        """What may stand in it, for the person."""
        return _("The address of a web page, such as https://www.example.org/.")

    def doubts(self, cell: "pl.Expr") -> "pl.Expr":
        """Doubt what is not plainly an address."""
        return (cell.str.len_bytes() > LONGEST_PART) | ~cell.str.contains(PLAIN_URL)

    def _found(self, value: str) -> Found | None:
        if _passes(validate_url, value):
            return None
        remedy = _("Write the whole address, such as https://www.example.org/.")
        return Found("web address", _("It is not the address of a web page."), remedy)


def _passes(validate: Callable[[str], None], value: str) -> bool:
    try:
        validate(value)
    except ValidationError as error:
        # Django's errors hold themselves, and by their traceback all that is under way: a million rows.
        held: BaseException | None = error
        while isinstance(held, ValidationError):
            held.error_list.clear()
            held = held.__context__
        return False
    return True
