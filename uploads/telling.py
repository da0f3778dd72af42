"""Telling who handed in a file by mail what became of it, through the lane of single mails."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.letters import LANE, Letter, carrier, send_once
from jobs.models import Job
from jobs.retries import PermanentFailure
from jobs.submission import submit
from uploads.models import Summary, Upload
from uploads.reporting import outcome_of, report_of

NOBODY = gettext_lazy("Who handed the file in can sign in no more, so nobody is told.")


@transaction.atomic
def tell(upload: Upload) -> Job | None:
    """Submit a mail about the upload as it stands: once for its check, and once for each import and undoing.

    What is checked again is so by a person who looks at it.
    """
    person = upload.created_by
    if person is None or not person.is_active:
        return None
    job = submit(
        kind="uploads.tell",
        lane=LANE,
        school=upload.school,
        by=person,
        arguments={"upload": upload.pk},
        key=f"upload-{upload.pk}-{upload.state}-after-{upload.undo_job_id or upload.import_job_id or 0}",
        title=_("Mail about {file}").format(file=upload.file.name)[:200],
        units=1,
    )
    if job.is_new:
        Summary.objects.create(upload=upload, job=job, message_id=carrier().new_message_id())
    return job


def tell_if_wanted(upload_id: int) -> None:
    """Tell of an upload whose state has just changed, if who handed it in wants that."""
    uploads = Upload.objects.select_related(
        "created_by", "school", "file", "check_job", "import_job", "undo_job"
    )
    upload = uploads.get(pk=upload_id)
    if upload.wants_mail:
        tell(upload)


def is_wanted(job: Job) -> bool:
    """Say whether a mail tells of the upload that `job` checks, imports or undoes."""
    return Upload.objects.filter(pk=job.arguments["upload"], school=job.school_id, wants_mail=True).exists()


def send(job: Job, *, now: datetime) -> None:
    """Hand the mail of a job over, unless that was begun before: it is never sent twice.

    Raises:
        TemporaryFailure: the relay could not take it now.
        PermanentFailure: it was refused, may have arrived, or nobody is there to be told.
    """
    summary = Summary.objects.select_related(
        "upload__created_by", "upload__school", "upload__file", "upload__import_job", "upload__check_job"
    ).get(job=job)
    send_once(_letter(summary), row=summary, now=now)


def _letter(summary: Summary) -> Letter:
    upload = summary.upload
    person = upload.created_by
    if person is None or not person.is_active:
        raise PermanentFailure(NOBODY)
    site = settings.SITE_URL
    address = f"{site}{reverse('uploads:show', args=[upload.pk])}" if site else ""
    return Letter(
        name=person.name,
        address=person.email,
        sender_name=upload.school.name,
        subject=f"{upload.file.name}: {outcome_of(upload)}"[:150],
        text=report_of(upload, address=address),
        message_id=summary.message_id,
    )
