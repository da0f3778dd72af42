"""The kinds of job of the uploads app.

Workers of every lane and the web server know all kinds. What compares rows loads Polars, which takes 40 MiB
and 0.2 s: so it is imported where the work is done.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy, gettext_noop

from jobs.arguments import Arguments
from jobs.asking import Id
from jobs.letters import SERVICE
from jobs.models import Job
from jobs.registry import Kind, register
from jobs.verbs import PartPlan, WorkingPart
from uploads import telling
from uploads.models import Summary, Upload, UploadState

SIZES: Mapping[str, str] = {"rows": gettext_noop("rows"), "bytes": gettext_noop("bytes of the file")}


def _upload_of(job: Job) -> Upload:
    uploads = Upload.objects.select_related(
        "school", "file", "check_job", "import_job", "undo_file", "undo_job"
    )
    found: Upload = uploads.get(pk=job.arguments["upload"], school_id=job.school_id)
    return found


class UploadReceived(Arguments):
    """The upload, with its file."""

    upload: Id


@register("uploads.check")
class UploadCheck(Kind):
    """The dry run of an upload: counts and problems, no student is written."""

    label = gettext_lazy("Check of a data file")
    unit = "rows"
    is_whole = True
    arguments = UploadReceived
    sizes = SIZES
    panel_template = "uploads/panel.html"

    def plan(self, job: Job) -> Iterable[PartPlan]:
        """Return one part with about as many units as the file has rows: as many as the upload told."""
        upload = _upload_of(job)
        return [PartPlan(units=max(1, job.units_total), arguments={"upload": upload.pk})]

    def work(self, part: WorkingPart) -> None:
        """Check the file.

        Raises:
            PermanentFailure: the file cannot be read.
        """
        from uploads.checking import check  # noqa: PLC0415  (see above)

        check(upload=_upload_of(part.job), part=part)

    def mails_itself(self, job: Job) -> bool:
        """Say whether who handed the file in is mailed what became of it."""
        return telling.is_wanted(job)

    def is_beyond_retry(self, job: Job) -> bool:
        """Say whether the file was checked, cannot be read, as it never will, or another job checks it."""
        upload = _upload_of(job)
        return upload.state != UploadState.CHECKING or upload.check_job_id != job.pk

    def panel(self, job: Job) -> Mapping[str, Any]:
        """Return the upload."""
        return {"upload": _upload_of(job)}


@register("uploads.import")
class UploadImport(Kind):
    """The import of an upload's good rows: one part, since it is all or nothing."""

    label = gettext_lazy("Import of a data file")
    unit = "rows"
    is_whole = True
    arguments = UploadReceived
    sizes = SIZES
    time_limit_seconds = 900
    panel_template = "uploads/panel.html"

    def work(self, part: WorkingPart) -> None:
        """Import the good rows.

        Raises:
            PermanentFailure: the file cannot be read any more.
        """
        from uploads.importing import import_rows  # noqa: PLC0415  (see above)

        import_rows(upload=_upload_of(part.job), part=part)

    def mails_itself(self, job: Job) -> bool:
        """Say whether who handed the file in is mailed what became of it."""
        return telling.is_wanted(job)

    def is_beyond_retry(self, job: Job) -> bool:
        """Say whether the rows were imported, or another job is to import them."""
        upload = _upload_of(job)
        return upload.state != UploadState.IMPORTING or upload.import_job_id != job.pk

    def panel(self, job: Job) -> Mapping[str, Any]:
        """Return the upload."""
        return {"upload": _upload_of(job)}


@register("uploads.undo")
class UploadUndo(Kind):
    """The undoing of an import: one part, since it is all or nothing too."""

    label = gettext_lazy("Undoing of an import")
    unit = "rows"
    is_whole = True
    arguments = UploadReceived
    sizes = SIZES
    time_limit_seconds = 900
    panel_template = "uploads/panel.html"

    def work(self, part: WorkingPart) -> None:
        """Make the rows what they were before the import."""
        from uploads.undoing import undo_rows  # noqa: PLC0415  (see above)

        undo_rows(upload=_upload_of(part.job), part=part)

    def mails_itself(self, job: Job) -> bool:
        """Say whether who handed the file in is mailed what became of it."""
        return telling.is_wanted(job)

    def is_beyond_retry(self, job: Job) -> bool:
        """Say whether the import was undone, or another job is to undo it."""
        upload = _upload_of(job)
        return upload.state != UploadState.UNDOING or upload.undo_job_id != job.pk

    def panel(self, job: Job) -> Mapping[str, Any]:
        """Return the upload."""
        return {"upload": _upload_of(job)}


@register("uploads.tell")
class UploadTell(Kind):
    """Tells who handed a file in by mail what became of it."""

    label = gettext_lazy("Mail about a data file")
    unit = "mails"
    arguments = UploadReceived
    service = SERVICE
    time_limit_seconds = 120
    is_routed = False
    is_on_home = False
    is_announced = False

    def work(self, part: WorkingPart) -> None:
        """Send the mail.

        Raises:
            TemporaryFailure: the relay could not take it now.
            PermanentFailure: it was refused, or may have arrived.
        """
        telling.send(part.job, now=timezone.now())
        part.report(done=1)

    def is_beyond_retry(self, job: Job) -> bool:
        """Say whether the mail was begun: it may have arrived."""
        return Summary.objects.filter(job=job).exclude(begun_at=None).exists()
