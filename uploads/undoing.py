"""Undoing an import: its rows become what they were, except those that changed since or that others need."""

from typing import Any

import polars as pl
import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import Person, StoredFile
from jobs.submission import submit
from jobs.verbs import WorkingPart
from uploads.comparing import ROWS_AT_ONCE
from uploads.datasets import DATASETS, Dataset
from uploads.in_order import hold_school
from uploads.known import ID, known_keys, known_rows
from uploads.models import Upload, UploadState
from uploads.releasing import say_who
from uploads.safe_csv import store_csv, written_rows
from uploads.undo_files import AFTER, BEFORE, kept_rows
from uploads.writing import Writer

log = structlog.get_logger()

CHANGED_SINCE = gettext_lazy("It has changed since the import.")
GONE = gettext_lazy("It is not there any more.")
NEEDED = gettext_lazy("Documents or other records belong to it by now.")
LOST = gettext_lazy("What it belonged to before is not there any more.")


@transaction.atomic
def begin_undo(*, upload: Upload, by: Person | None, program: str = "") -> bool:
    """Submit the undoing of an import and return whether this call did it; a second one does nothing."""
    now = Upload.objects.select_for_update().get(pk=upload.pk)
    if not now.can_be_undone:
        return False
    rows = now.new_rows + now.changed_rows
    job = submit(
        kind="uploads.undo",
        school=now.school,
        by=by,
        program=program,
        arguments={"upload": now.pk},
        key=f"upload-{now.pk}-undo-after-{now.undo_job_id or 0}",
        title=_("Undoing of {file}").format(file=now.file.name)[:200],
        units=max(1, rows),
        sizes={"rows": rows, "bytes": now.file.size},
    )
    return now.begin_undo(job=job)


def undo_rows(*, upload: Upload, part: WorkingPart) -> None:
    """Make the import's rows what they were before it, all in one transaction.

    May run twice: the second run finds the upload undone and changes nothing.

    Raises:
        NotNow: an import of the school is under way.
        TemporaryFailure: somebody else wrote the same rows meanwhile.
    """
    if upload.state != UploadState.UNDOING or upload.undo_file is None:
        return
    dataset = DATASETS[upload.dataset]
    with transaction.atomic():
        hold_school(part.job)
        say_who(part.job.submitted_by, upload=upload)
        rows = _judged(kept_rows(upload.undo_file), dataset, school_id=upload.school_id)
        keys = known_keys(dataset.columns, school_id=upload.school_id)
        rows = _without_lost(rows, keys)
        _write(rows, dataset, Writer(dataset, school_id=upload.school_id, keys=keys, part=part))
        kept = rows.filter(pl.col("reason") != "")
        is_ours = upload.end_undo(
            job=part.job,
            undone=rows.height - kept.height,
            kept=kept.height,
            kept_file=_keep(kept, dataset, upload),
        )
        transaction.set_rollback(not is_ours)
    log.info("upload_undone", upload=upload.pk, undone=rows.height - kept.height, kept=kept.height)


def _judged(rows: pl.DataFrame, dataset: Dataset, *, school_id: int) -> pl.DataFrame:
    """Return the rows with the `id` that they have now, and the `reason` why one must stay, or ""."""
    known = known_rows(dataset, columns=dataset.columns, school_id=school_id)
    rows = rows.join(known, on=list(dataset.key), how="left", maintain_order="left")
    names = [name.removeprefix(AFTER) for name in rows.columns if name.startswith(AFTER)]
    # What an import did not touch may have changed, unless the import made the row.
    differs = pl.any_horizontal(
        pl.lit(value=False),
        *[(pl.col(AFTER + name) != pl.col(name)).fill_null(value=False) for name in names],
    )
    needed = _needed(dataset, school_id=school_id)
    reason = (
        pl.when(pl.col(ID).is_null())
        .then(pl.lit(str(GONE)))
        .when(differs)
        .then(pl.lit(str(CHANGED_SINCE)))
        .when(pl.col("is_new") & pl.col(ID).is_in(needed.implode()))
        .then(pl.lit(str(NEEDED)))
        .otherwise(pl.lit(""))
    )
    return rows.with_columns(reason=reason)


def _needed(dataset: Dataset, *, school_id: int) -> pl.Series:
    """Return the ids of the school's rows that rows of other tables name."""
    found: list[int] = []
    for relation in dataset.model._meta.related_objects:  # noqa: SLF001 - Django's documented way to it
        others: Any = relation.related_model
        field = relation.field.attname
        found += others._base_manager.filter(school_id=school_id).values_list(field, flat=True)  # noqa: SLF001
    return pl.Series(ID, found, dtype=pl.Int64)


def _without_lost(rows: pl.DataFrame, keys: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Let rows stay whose former reference names nothing any more."""
    for name, known in keys.items():
        if BEFORE + name in rows.columns:
            is_lost = ~pl.col(BEFORE + name).is_in(known["key"].implode()) & (pl.col(BEFORE + name) != "")
            reason = (
                pl.when(is_lost & (pl.col("reason") == ""))
                .then(pl.lit(str(LOST)))
                .otherwise(pl.col("reason"))
            )
            rows = rows.with_columns(reason=reason)
    return rows


def _write(rows: pl.DataFrame, dataset: Dataset, writer: Writer) -> None:
    ready = rows.filter(pl.col("reason") == "")
    columns = [column for column in dataset.columns if BEFORE + column.name in rows.columns]
    before = [pl.col(BEFORE + column.name).alias(column.name) for column in columns]
    changed = ready.filter(~pl.col("is_new")).select(ID, *before).sort(ID)
    if changed.height:
        writer.change(changed.iter_slices(ROWS_AT_ONCE), columns=columns)
    if (new := ready.filter("is_new").select(ID).sort(ID)).height:
        writer.remove(new.iter_slices(ROWS_AT_ONCE))


def _keep(kept: pl.DataFrame, dataset: Dataset, upload: Upload) -> StoredFile | None:
    if not kept.height:
        return None
    headings = {name: dataset.column(name).heading for name in dataset.key}
    headings |= {"row": _("row"), "reason": _("why it stays")}
    rows = kept.select("row", *dataset.key, "reason").rename(headings)
    return store_csv(
        lambda target: target.write(written_rows(rows)),
        upload=upload,
        ending=_("not undone"),
        job=upload.undo_job,
    )
