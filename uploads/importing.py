"""Importing a checked upload: all good rows at once, or none."""

from dataclasses import asdict
from tempfile import TemporaryFile

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.models import Person
from jobs.retries import PermanentFailure
from jobs.submission import submit
from jobs.verbs import WorkingPart
from uploads.examining import Examination, examined
from uploads.in_order import hold_school
from uploads.models import Upload, UploadState
from uploads.others import seen_others
from uploads.releasing import say_who
from uploads.telling import tell_if_wanted
from uploads.undo_files import Undo
from uploads.writing import write

log = structlog.get_logger()


@transaction.atomic
def begin_import(
    *, upload: Upload, by: Person | None, with_others: bool = False, key: str = "", program: str = ""
) -> bool:
    """Submit the import of a checked upload and return whether this call did it; a second one does nothing.

    Rows that look like another person than the known student are left out unless `with_others`.
    An import that ended without success (stopped, or given up) may be submitted again. `key` is that of the
    job, where a program names it.

    Raises:
        KeyTaken: the key belongs to the import of another upload.
    """
    now = Upload.objects.select_for_update().get(pk=upload.pk)
    was_left = now.state == UploadState.IMPORTING and not now.is_at_work
    rows = now.good_rows if with_others else now.sure_rows
    if not rows or now.is_held_back or not (now.state == UploadState.CHECKED or was_left):
        return False
    job = submit(
        kind="uploads.import",
        school=now.school,
        by=by,
        arguments={"upload": now.pk},
        program=program,
        key=key or f"upload-{now.pk}-after-{now.import_job_id or 0}",
        title=_("Import of {file}").format(file=now.file.name)[:200],
        units=rows,
        sizes={"rows": rows, "bytes": now.file.size},
    )
    return now.begin_import(job=job, with_others=with_others)


def import_rows(*, upload: Upload, part: WorkingPart) -> None:
    """Write the upload's good rows into the school's records, all in one transaction.

    May run twice: the second run finds the upload imported and changes nothing.

    Raises:
        NotNow: another import of the school is under way.
        PermanentFailure: more rows are wrong now than at the check, or others look like another person.
        TemporaryFailure: somebody else wrote the same rows meanwhile.
    """
    if upload.state != UploadState.IMPORTING:
        return
    with transaction.atomic():
        hold_school(part.job)
        say_who(part.job.submitted_by, upload=upload)
        with examined(upload, part=part) as found, TemporaryFile("w+b") as notes:
            _require_as_seen(upload, found, part)
            with_others = upload.imports_others
            counts = found.counts(with_others=with_others)
            undo = Undo(found.comparison, to=notes)
            write(
                found.comparison,
                school_id=upload.school_id,
                with_others=with_others,
                keys=found.keys,
                undo=undo,
                part=part,
            )
            undo_file = undo.store(upload=upload, job=part.job)
        done = {name: count for name, count in asdict(counts).items() if name != "wrong"}
        is_ours = upload.end_import(job=part.job, now=timezone.now(), undo_file=undo_file, **done)
        if is_ours:
            tell_if_wanted(upload.pk)
        transaction.set_rollback(not is_ours)
    if is_ours:
        part.report(done=part.units)  # rows that are as the file has them are done too
    log.info("upload_imported" if is_ours else "upload_import_left", upload=upload.pk, **done)


def _require_as_seen(upload: Upload, found: Examination, part: WorkingPart) -> None:
    """What the person agreed to holds for the rows and the students that the page showed."""
    news, wrong = "", found.checked.wrong_rows
    if wrong > upload.wrong_rows:
        news = _(
            "What is known has changed since the check, so {wrong:,} of its rows are wrong now, in place of "
            "{before:,}. Upload the file again to see them."
        ).format(wrong=wrong, before=upload.wrong_rows)
    elif upload.imports_others and seen_others(found.comparison) != upload.others_seen:
        news = _(
            "What is known has changed since the check, so other rows look like another person now. "
            "Upload the file again to see them."
        )
    if news:
        part.report(done=0)  # until here it told of rows that were looked at; none of them is imported
        raise PermanentFailure(news)
