"""Checking an upload: what an import would do, and what is wrong with which rows. Writes no student."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from typing import IO, Any, cast

import structlog
from django.db import transaction

from jobs.retries import PermanentFailure
from jobs.verbs import WorkingPart
from uploads.changes import keep_changes
from uploads.error_file import write_error_file
from uploads.models import PROBLEMS_SHOWN, Upload, UploadState
from uploads.reading import Layout, UnreadableFile, read_layout, read_rows
from uploads.rules import check_row
from uploads.staging import Staging

log = structlog.get_logger()

ROWS_A_BATCH = 2000


def count_rows(*, upload: Upload) -> int:
    """Return the number of rows below the headings.

    Raises:
        PermanentFailure: the file cannot be read; the upload says so too.
    """
    with opened(upload) as (file, layout):
        return sum(1 for _ in read_rows(file, layout=layout))


def check(*, upload: Upload, part: WorkingPart) -> None:
    """Check the upload's file and note the counts, and problems and changes: the first, and all in files.

    May run twice: the second run finds the upload checked and changes nothing.

    Raises:
        PermanentFailure: the file cannot be read; the upload says so too.
    """
    if upload.state != UploadState.CHECKING:
        return
    with opened(upload) as (file, layout):
        staging = stage(file, layout=layout, part=part)
        counts = staging.compare(school_id=upload.school_id)
        part.check()
        with transaction.atomic():
            is_ours = upload.end_check(
                new=counts.new,
                changed=counts.changed,
                unchanged=counts.unchanged,
                wrong=counts.wrong,
                unused_columns=layout.unused,
                **_problems_found(file, layout=layout, staging=staging, upload=upload),
                **_changes_found(staging, upload=upload),
            )
            transaction.set_rollback(not is_ours)
        staging.drop()
    log.info("upload_checked", upload=upload.pk, **asdict(counts))


def stage(file: IO[bytes], *, layout: Layout, part: WorkingPart) -> Staging:
    """Stage all rows of the file, checked, and tell the part's progress on the way.

    Raises:
        UnreadableFile: the file breaks off within a row.
    """
    staging = Staging(layout=layout)
    rows = read_rows(file, layout=layout)
    done = 0
    while batch := list(islice(rows, ROWS_A_BATCH)):
        part.check()
        staging.add([check_row(row, layout=layout) for row in batch])
        done += len(batch)
        part.report(done=min(done, part.units))
    staging.settle()
    return staging


def _problems_found(file: IO[bytes], *, layout: Layout, staging: Staging, upload: Upload) -> dict[str, Any]:
    problems = [asdict(problem) for problem in staging.first_problems(limit=PROBLEMS_SHOWN)]
    error_file = None
    if problems:
        error_file = write_error_file(file, layout=layout, staging=staging, upload=upload)
    return {"problems": problems, "error_file": error_file}


def _changes_found(staging: Staging, *, upload: Upload) -> dict[str, Any]:
    others = staging.others(school_id=upload.school_id)
    changes, change_file = keep_changes(staging.changes(school_id=upload.school_id), upload=upload)
    return {
        "other_rows": others.count,
        "others_seen": others.seen,
        "changes": changes,
        "change_file": change_file,
    }


@contextmanager
def opened(upload: Upload) -> Iterator[tuple[IO[bytes], Layout]]:
    """Open the upload's file for the block.

    Raises:
        PermanentFailure: the file cannot be read; the upload says so too.
    """
    try:
        with upload.file.content.open("rb") as content:
            file = cast("IO[bytes]", content)
            yield file, read_layout(file)
    except UnreadableFile as error:
        upload.refuse(reason=str(error))
        raise PermanentFailure(str(error)) from error
