"""What a dataset is: one declaration, from which template, help, checks, staging table and import follow."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from django.db.models import Field, Model
from django.utils.translation import gettext as _

from uploads.cells import Cell
from uploads.headings import plain


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column that we read."""

    name: str
    """The field of the dataset's model."""
    heading: str
    """Its heading in the template file."""
    synonyms: tuple[str, ...] = ()
    """Other headings that mean it; case, spaces and signs do not matter."""
    cell: Cell
    """What may stand in it."""
    is_required: bool = True
    blank: Literal["clear", "unchanged"] = "clear"
    """What an empty cell does to a known row's value."""
    help: str = ""
    """What is to be known of it besides what its cells may hold: a sentence, marked to be translated."""
    example: str = ""
    """A value for the template's help."""

    @property
    def rule(self) -> str:
        """What may stand in it, for the person."""
        rule = self.cell.rule
        if not self.is_required:
            rule = _("{rule}, or empty.").format(rule=rule.removesuffix("."))
        return f"{_(self.help)} {rule}" if self.help else rule


@dataclass(frozen=True, kw_only=True)
class Unique:
    """Columns whose values together may stand in a file once."""

    columns: tuple[str, ...]
    ignores_case: bool = False


@dataclass(frozen=True, kw_only=True)
class Person:
    """The columns by which a row is seen to be of another person: all names, and the address, differ."""

    names: tuple[str, ...]
    address: str


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Rows of one model that a school uploads as files."""

    name: str
    label: str
    """What pages call its rows, in the plural; marked to be translated."""
    one: str
    """What pages call one of them; marked to be translated."""
    model: type[Model]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """The columns by which a row is known in its school; all of them are required."""
    unique: tuple[Unique, ...] = ()
    """What may stand in a file once besides the key."""
    person: Person | None = None
    """Set where a row that looks like another person is left out unless that is wished."""
    title: tuple[str, ...] = ()
    """The columns that name a row to a person, beside its key."""
    help: str = ""
    """A sentence for the page of the upload; marked to be translated."""
    samples: str = ""
    """The file of made-up rows to try it with, in `samples/`."""

    @property
    def table(self) -> str:
        """The table of its model."""
        return str(self.model._meta.db_table)  # noqa: SLF001 - Django's documented way to it

    def field(self, name: str) -> "Field[Any, Any]":
        """Return the model's field that keeps the column of this name."""
        return self.model._meta.get_field(name)  # type: ignore[return-value]  # noqa: SLF001 - as above

    def column(self, name: str) -> Column:
        """Return the column of this name."""
        return next(column for column in self.columns if column.name == name)

    @cached_property
    def by_heading(self) -> dict[str, Column]:
        """Columns by all plain headings that mean them."""
        return {
            plain(heading): column
            for column in self.columns
            for heading in (column.heading, column.name, *column.synonyms)
        }
