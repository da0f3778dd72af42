"""Cells that name a row of another dataset by its key."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from uploads.cells.cell import Cell, Found


@dataclass(frozen=True, kw_only=True)
class Reference(Cell):
    """The key of a row of another dataset, exactly as it is known there."""

    dataset: str
    """The name of that dataset; its key is a single column."""
    one: str
    """What a row of it is called: "student"."""

    @property
    def rule(self) -> str:
        """What may stand in it, for the person."""
        return _("The {one} as it is known here already, exactly as written there.").format(one=_(self.one))

    @property
    def unknown(self) -> Found:
        """What is said of a value that names no row."""
        remedy = _("Upload the {one} first, or write exactly what is known.").format(one=_(self.one))
        return Found("unknown", _("No {one} of this school is known by it.").format(one=_(self.one)), remedy)
