"""The endpoints: each translates, makes one call into the work layer, and answers."""

from functools import partial
from http import HTTPStatus
from typing import Protocol

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy
from ninja import Query, Router
from ninja.responses import Status

from jobs import finding, keys, lifecycle, requesting
from jobs.api import problems
from jobs.api.auth import Bearer, token_of
from jobs.api.describing import detail_of, events_of, listed, submitted
from jobs.api.inputs import JobFilter, JobRequest, Reason, Retry, refuse_unknown
from jobs.api.schemas import ChangedJob, EventsOut, JobDetail, JobsOut, KindOut, KindsOut, SubmittedJob
from jobs.files import note_download
from jobs.models import Job, Person, Scope, StoredFile
from jobs.views import as_download

KEY_HEADER = "Idempotency-Key"
NOT_PRINTABLE = gettext_lazy("It holds something that is no printable ASCII character; leave that out.")

READ, SUBMIT, CHANGE = Bearer(Scope.READ), Bearer(Scope.SUBMIT), Bearer(Scope.CHANGE)
KEY_PARAMETER = {
    "in": "header",
    "name": KEY_HEADER,
    "required": True,
    "description": "Your own name for this job: the same request brings the same job, another is refused.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": keys.MOST_PROGRAM_CHARACTERS,
        "pattern": "^[ -~]+$",
    },
}
FILE_ANSWER = {
    "description": "The file",
    "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
}

router = Router()


@router.get("/kinds", response=KindsOut, auth=READ, tags=["kinds"])
def list_kinds(request: HttpRequest) -> KindsOut:  # noqa: ARG001 - ninja gives it
    """List the kinds that programs can ask for, with the JSON Schema of their arguments."""
    return KindsOut(kinds=[KindOut.of(kind) for kind in requesting.offered_kinds()])


@router.post(
    "/jobs",
    response={201: SubmittedJob, 200: SubmittedJob},
    auth=SUBMIT,
    tags=["jobs"],
    openapi_extra={"parameters": [KEY_PARAMETER]},
)
def submit_job(request: HttpRequest, body: JobRequest, response: HttpResponse) -> Status[SubmittedJob]:
    """Submit a job: 201 when it is new, 200 when the key brought it before."""
    token = token_of(request)
    job, is_new = requesting.request(
        kind=body.kind,
        school=token.school,
        by=token.created_by,
        key=key_of(request),
        arguments=body.arguments,
        program=token.name,
        **body.options(),
    )
    response["Location"] = reverse("api:show_job", args=[job.pk])
    return Status(HTTPStatus.CREATED if is_new else HTTPStatus.OK, submitted(job))


@router.get("/jobs", response=JobsOut, auth=READ, tags=["jobs"])
def list_jobs(request: HttpRequest, chosen: Query[JobFilter]) -> JobsOut:
    """List the school's jobs, newest first."""
    refuse_unknown(request.GET)
    jobs = requesting.listed_jobs(token_of(request).school, kind=chosen.kind)
    found = finding.find(jobs, wanted=chosen.wanted, limit=chosen.limit)
    return JobsOut(jobs=listed(found.jobs), next=str(found.before or "") or None)


@router.get("/jobs/{int:job_id}", response=JobDetail, auth=READ, tags=["jobs"])
def show_job(request: HttpRequest, job_id: int) -> JobDetail:
    """Show one job: its units, its place in line, the reason, the expected times, its result files."""
    return detail_of(_job(request, job_id))


@router.get("/jobs/{int:job_id}/events", response=EventsOut, auth=READ, tags=["jobs"])
def list_events(request: HttpRequest, job_id: int) -> EventsOut:
    """List what happened to a job, oldest first."""
    return EventsOut(events=events_of(_job(request, job_id)))


@router.post("/jobs/{int:job_id}/stop", response=ChangedJob, auth=CHANGE, tags=["changes"])
def stop_job(request: HttpRequest, job_id: int, body: Reason | None = None) -> ChangedJob:
    """Stop a job: nothing more of it is begun. Jobs that follow it fail with it.

    What is done stays done, but for kinds whose jobs are done as a whole or not at all, as imports are.
    """
    return _changed(request, job_id, body, verb=lifecycle.stop)


@router.post("/jobs/{int:job_id}/retry", response=ChangedJob, auth=CHANGE, tags=["changes"])
def retry_job(request: HttpRequest, job_id: int, body: Retry | None = None) -> ChangedJob:
    """Do again what failed or was stopped; `GET /kinds` says which kinds keep what is done.

    Jobs that failed because of it wait for it again. A job that follows one that did not end well is
    refused: retry that one first. A deadline that is ahead holds on, one that has passed is dropped.
    """
    return _changed(
        request, job_id, body, verb=partial(lifecycle.retry, uncertain=body is not None and body.uncertain)
    )


@router.post("/jobs/{int:job_id}/pause", response=ChangedJob, auth=CHANGE, tags=["changes"])
def pause_job(request: HttpRequest, job_id: int, body: Reason | None = None) -> ChangedJob:
    """Hold a job back; parts at work are finished."""
    return _changed(request, job_id, body, verb=lifecycle.pause)


@router.post("/jobs/{int:job_id}/resume", response=ChangedJob, auth=CHANGE, tags=["changes"])
def resume_job(request: HttpRequest, job_id: int, body: Reason | None = None) -> ChangedJob:
    """Let a paused job go on where it was."""
    return _changed(request, job_id, body, verb=lifecycle.resume)


@router.get(
    "/files/{int:file_id}", auth=READ, tags=["files"], openapi_extra={"responses": {200: FILE_ANSWER}}
)
def download_file(request: HttpRequest, file_id: int) -> HttpResponseBase:
    """Hand out a file of the school, such as the result of a job."""
    token = token_of(request)
    files = StoredFile.objects.select_related("job").filter(school=token.school)
    stored = get_object_or_404(files, pk=file_id)
    note_download(stored, by=token.created_by, program=token.name)
    return as_download(stored)


class Verb(Protocol):
    """One of the changes in `jobs.lifecycle`."""

    def __call__(self, job: Job, *, by: Person | None, program: str = "", why: str = "") -> lifecycle.Effects:
        """Change `job`, or raise `CannotChange`."""


def _changed(request: HttpRequest, job_id: int, body: Reason | None, *, verb: Verb) -> ChangedJob:
    token, why = token_of(request), body.why if body else ""
    effects = verb(_job(request, job_id), by=token.created_by, program=token.name, why=why)
    detail = detail_of(_job(request, job_id))
    return ChangedJob(**detail.model_dump(), effects=list(effects))


def _job(request: HttpRequest, job_id: int) -> Job:
    jobs = requesting.listed_jobs(token_of(request).school).select_related("school", "submitted_by", "detour")
    job: Job = get_object_or_404(jobs, pk=job_id)
    return job


def key_of(request: HttpRequest) -> str:
    """Return the job's key.

    Raises:
        Problem: the header is missing or cannot be a key.
    """
    key = request.headers.get(KEY_HEADER, "")
    if not key:
        raise problems.key_missing()
    if flaw := keys.length_flaw(key, most=keys.MOST_PROGRAM_CHARACTERS):
        raise problems.key_unusable(flaw)
    if not (key.isascii() and key.isprintable()):
        raise problems.key_unusable(str(NOT_PRINTABLE))
    return f"{keys.KEY_MARK}{key}"
