"""Correcting wrong cells of an upload on its page; its check then runs again with them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from jobs.models import Person
from uploads.models import Correction, Upload
from uploads.rechecking import begin_check

LONGEST_TYPED = 2_000
"""Characters."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What a person typed into a cell, and what they saw in it."""

    row: int
    place: int
    was: str
    now: str
    is_taken: bool = False
    """Whether they said that the row is right as it stands, of which this is the cell of the key."""

    @property
    def differs(self) -> bool:
        """Whether they typed something else than they saw."""
        return as_typed(self.now) != as_typed(self.was)

    @property
    def is_new(self) -> bool:
        """Whether it is to be kept."""
        return self.differs or self.is_taken


@dataclass(frozen=True, kw_only=True)
class Clash:
    """A cell that somebody else corrected while a person typed into it."""

    heading: str
    typed: Typed
    theirs: Correction


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """What became of what a person typed."""

    saved: int
    """How many cells were corrected."""
    clashes: Sequence[Clash] = ()
    """Cells that were not, since somebody else had corrected them meanwhile."""
    is_too_late: bool = False
    """Whether nothing was, since the upload can be changed no more."""


@transaction.atomic
def correct_cells(*, upload: Upload, typed: Iterable[Typed], by: Person, now: datetime) -> Corrected:
    """Keep what was typed as corrections of the upload, and check it again if anything was.

    A cell that somebody else corrected since the person saw it stays as it is, and is told.
    """
    held = Upload.objects.select_for_update().get(pk=upload.pk)
    new = {(each.row, each.place): each for each in typed if each.is_new}
    if not held.can_be_changed:
        return Corrected(saved=0, is_too_late=True)
    known = {(each.row, each.place): each for each in held.corrections.select_related("corrected_by")}
    clashes, saved = [], []
    for cell, each in new.items():
        theirs = known.get(cell)
        if theirs and (as_typed(theirs.value) == as_typed(each.now) or not each.differs):
            continue
        if theirs and as_typed(theirs.value) != as_typed(each.was):
            clashes.append(Clash(heading=held.headings[each.place], typed=each, theirs=theirs))
        else:
            saved.append(_correction(held, each, was=theirs.was if theirs else each.was, by=by, now=now))
    if saved:
        _keep(saved)
        begin_check(upload=held, by=by, corrected_cells=held.corrections.count())
    return Corrected(saved=len(saved), clashes=clashes)


def as_typed(text: str) -> str:
    """Return the text as it comes back from a field of one line, without blanks around it."""
    return text.replace("\r", "").replace("\n", "").strip()


def _correction(upload: Upload, typed: Typed, *, was: str, by: Person, now: datetime) -> Correction:
    return Correction(
        upload=upload,
        row=typed.row,
        place=typed.place,
        was=was,
        value=as_typed(typed.now)[:LONGEST_TYPED],
        corrected_by=by,
        corrected_at=now,
    )


def _keep(corrections: Sequence[Correction]) -> None:
    Correction.objects.bulk_create(
        corrections,
        update_conflicts=True,
        unique_fields=["upload", "row", "place"],
        update_fields=["value", "corrected_by", "corrected_at"],
    )
