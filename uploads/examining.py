"""An upload's file read, checked and set beside what is known: its check and its import begin so."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, cast

import polars as pl
from django.db import transaction

from jobs.retries import PermanentFailure
from jobs.verbs import WorkingPart
from uploads.comparing import Comparison, Counts, compare
from uploads.corrected import corrected
from uploads.datasets import DATASETS
from uploads.held_elsewhere import held_elsewhere
from uploads.known import known_keys, known_rows
from uploads.mapping import Mapping, mapped
from uploads.models import Upload
from uploads.reading import Table, read
from uploads.rules import Checked, check_rows
from uploads.tables.refusing import UnreadableFile
from uploads.telling import tell_if_wanted

KNOWN, CHECKED, COMPARED = 0.2, 0.7, 0.8
"""Which share of the work is done by then, about."""


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What an upload's file holds, and what an import would make of it now."""

    table: Table
    mapping: Mapping
    checked: Checked
    comparison: Comparison
    keys: dict[str, pl.DataFrame]
    """The rows that references may name, by the column that holds the reference."""

    def counts(self, *, with_others: bool = True) -> Counts:
        """Return how many rows are of which sort."""
        return self.comparison.counts(wrong=self.checked.wrong_rows, with_others=with_others)


@contextmanager
def examined(upload: Upload, *, part: WorkingPart) -> Iterator[Examination]:
    """Examine the upload's file for the block, and tell the part's progress on the way.

    Raises:
        PermanentFailure: the file cannot be read; the upload says so too.
    """
    dataset = DATASETS[upload.dataset]
    try:
        with (
            upload.file.content.open("rb") as content,
            read(cast("IO[bytes]", content), dataset=dataset, sheet=upload.sheet) as arriving,
        ):
            # While a process of its own reads the file, PostgreSQL tells what is known.
            known = known_rows(dataset, columns=dataset.columns, school_id=upload.school_id)
            _tell(part, KNOWN)
            table = corrected(arriving, upload=upload)
            mapping = mapped(table.headings, dataset=dataset, has_rows=table.has_rows, places=upload.places)
            keys = known_keys(mapping.columns, school_id=upload.school_id)
            checked = check_rows(table, mapping=mapping, known=keys)
            _tell(part, CHECKED)
            comparison = compare(checked.good, known, dataset=dataset, columns=mapping.columns)
            # A row that is left out leaves its known row as it is, which others may be in the way of then.
            while (held := held_elsewhere(comparison, mapping=mapping)).height:
                checked = checked.beside(held)
                comparison = compare(checked.good, known, dataset=dataset, columns=mapping.columns)
            _tell(part, COMPARED)
            yield Examination(table=table, mapping=mapping, checked=checked, comparison=comparison, keys=keys)
    except UnreadableFile as error:
        with transaction.atomic():
            if upload.refuse(reason=str(error)):
                tell_if_wanted(upload.pk)
        raise PermanentFailure(str(error)) from error


def _tell(part: WorkingPart, share: float) -> None:
    part.check()
    part.report(done=int(part.units * share))
