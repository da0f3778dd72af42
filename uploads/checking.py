"""Checking an upload: what an import would do, and what is wrong with which rows. Writes no student."""

from dataclasses import asdict
from typing import Any

import polars as pl
import structlog
from django.db import transaction

from jobs.verbs import WorkingPart
from uploads.changes import keep_changes
from uploads.error_file import write_error_file
from uploads.examining import Examination, examined
from uploads.models import PROBLEMS_SHOWN, Upload, UploadState
from uploads.others import seen_others
from uploads.ragged import shown_cells
from uploads.sorts import sorts_of
from uploads.telling import tell_if_wanted

log = structlog.get_logger()

LONGEST_VALUE = 200
"""Characters of a wrong value that are kept for the page."""
COUNTS_SHOWN = 50
SHOWN = ("row", "column", "value", "reason", "remedy", "name")


def check(*, upload: Upload, part: WorkingPart) -> None:
    """Check the upload's file and note the counts, and problems and changes: the first, and all in files.

    May run twice: the second run finds the upload checked and changes nothing. So does the run of a job in
    whose place another one is to check it.

    Raises:
        PermanentFailure: the file cannot be read; the upload says so too.
    """
    if upload.state != UploadState.CHECKING or upload.check_job_id != part.job.pk:
        return
    with examined(upload, part=part) as found:
        counts = found.counts()
        with transaction.atomic():
            is_ours = upload.end_check(
                new=counts.new,
                changed=counts.changed,
                unchanged=counts.unchanged,
                wrong=counts.wrong,
                unused_columns=found.mapping.unused,
                **_problems_found(found, upload),
                **_changes_found(found, upload),
            )
            if is_ours:
                tell_if_wanted(upload.pk)
            transaction.set_rollback(not is_ours)
    part.report(done=part.units)
    log.info("upload_checked", upload=upload.pk, **asdict(counts))


def _problems_found(found: Examination, upload: Upload) -> dict[str, Any]:
    problems = found.checked.problems
    if not problems.height:
        return {}
    first = problems.head(PROBLEMS_SHOWN).select(SHOWN).with_columns(pl.col("value").str.head(LONGEST_VALUE))
    return {
        "problems": _with_places(first.to_dicts(), found),
        "problem_counts": sorts_of(problems).head(COUNTS_SHOWN).to_dicts(),
        "error_file": write_error_file(found, upload=upload),
    }


def _with_places(problems: list[dict[str, Any]], found: Examination) -> list[dict[str, Any]]:
    """Return the problems with the `place` in the file of each cell; None where it is not one cell alone.

    One of a ragged row has the row's cells.
    """
    rows = {problem["row"] for problem in problems}
    ragged = shown_cells(found.table, rows=rows, mapping=found.mapping)
    for problem in problems:
        problem["place"] = found.mapping.places.get(problem.pop("name"))
        problem.update(ragged.get(problem["row"], {}))
    return problems


def _changes_found(found: Examination, upload: Upload) -> dict[str, Any]:
    changes, change_file = keep_changes(found.comparison, mapping=found.mapping, upload=upload)
    return {
        "other_rows": found.comparison.other_rows,
        "others_seen": seen_others(found.comparison),
        "changes": changes,
        "change_file": change_file,
    }
