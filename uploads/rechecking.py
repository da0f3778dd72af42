"""Beginning the check of an upload, the first or another one after what it goes by was changed."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jobs.models import Person
from jobs.submission import submit
from uploads.models import Upload


@transaction.atomic
def begin_check(*, upload: Upload, by: Person | None, program: str = "", **decided: Any) -> bool:
    """Submit a check and return whether this call did it; an upload that is imported is checked no more.

    `decided` are fields of the upload that a person decided about. A check that is under way changes
    nothing any more.
    """
    now = Upload.objects.select_for_update(of=("self",)).select_related("school", "file").get(pk=upload.pk)
    after = f"-after-{now.check_job_id}" if now.check_job_id else ""
    job = submit(
        kind="uploads.check",
        school=now.school,
        by=by,
        program=program,
        arguments={"upload": now.pk},
        key=f"upload-{now.pk}{after}",
        units=now.rows_about,
        sizes={"rows": now.rows_about, "bytes": now.file.size},
        title=_("Check of {file}").format(file=now.file.name)[:200],
    )
    is_ours = now.begin_check(job=job, **NOTHING_FOUND, **decided)
    transaction.set_rollback(not is_ours)
    return is_ours


NOTHING_FOUND: dict[str, Any] = {
    "new_rows": 0,
    "changed_rows": 0,
    "unchanged_rows": 0,
    "wrong_rows": 0,
    "other_rows": 0,
    "others_seen": 0,
    "problems": [],
    "problem_counts": [],
    "changes": [],
    "unused_columns": [],
    "error_file": None,
    "change_file": None,
}
"""What a check fills, before it."""
