"""The API's endpoints of uploads: each translates, makes one call into the work layer, and answers."""

from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from jobs.api import problems, routers
from jobs.api.auth import token_of
from jobs.api.endpoints import CHANGE, KEY_PARAMETER, READ, SUBMIT, key_of
from jobs.api.inputs import Input, refuse_unknown
from jobs.asking import LARGEST_ID, Text
from uploads import programs
from uploads.answers import DatasetsOut, UploadDetail, UploadOut, UploadsOut, described_datasets
from uploads.datasets import DATASETS
from uploads.models import Upload
from uploads.queries import with_same_files
from uploads.remembering import suggestion_for

BLOCK_BYTES = 1 << 20
MOST_PLACES = 16_384
"""As many columns as a spreadsheet has."""
FILE_BODY = {
    "requestBody": {
        "required": True,
        "description": "The file itself: CSV, a workbook, or a ZIP file of one CSV file.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    },
    "parameters": [KEY_PARAMETER],
}

router = Router(tags=["uploads"])
routers.offer(router, taking_files=("/uploads",))


class FileWish(Input):
    """How the file is to be read."""

    dataset: Annotated[Text, Field(max_length=20)] = "students"
    """What its rows are; `GET /datasets` lists them."""
    name: Annotated[Text, Field(max_length=200)] = "upload.csv"
    """What the file is called on pages."""
    sheet: Annotated[Text, Field(max_length=100)] = ""
    """The sheet of a workbook; without it the first one that holds something."""
    needs_all: bool = False
    """Whether nothing may be imported while a row is wrong."""
    mail: bool = False
    """Whether who made the token is told by mail once it is checked, and once it is imported."""


class UploadFilter(Input):
    """Which uploads are listed."""

    cursor: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None
    """The `next` of the page before."""
    limit: Annotated[int, Field(ge=1, le=100)] = 25


class Columns(Input):
    """As what the columns of a file are read."""

    columns: dict[Text, Annotated[int, Field(ge=0, lt=MOST_PLACES, strict=True)]]
    """The place in the file, from 0, of each column of the dataset that it has."""


class Import(Input):
    """What is imported."""

    others: Annotated[bool, Field(strict=True)] = False
    """Whether rows that look like another person than the known one are imported too."""


@router.get("/datasets", response=DatasetsOut, auth=READ)
def list_datasets(request: HttpRequest) -> DatasetsOut:  # noqa: ARG001 - ninja gives it
    """List what can be uploaded, with the columns that are read."""
    return described_datasets()


@router.put("/uploads", response={201: UploadDetail, 200: UploadDetail}, auth=SUBMIT, openapi_extra=FILE_BODY)
def upload_file(request: HttpRequest, wish: Query[FileWish], response: HttpResponse) -> Status[UploadDetail]:
    """Upload a file, whose check begins at once: 201 when it is new, 200 when the key brought it before.

    Where its columns are not sure, its state is `mapping` until they are chosen.
    """
    refuse_unknown(request.GET, of=FileWish)
    token, key = token_of(request), key_of(request)
    wished = programs.Wished(
        dataset=wish.dataset, sheet=wish.sheet, needs_all=wish.needs_all, wants_mail=wish.mail
    )
    with _received(request, name=wish.name) as file:
        upload, is_new = programs.receive_file(file, token=token, key=key, wished=wished)
    response["Location"] = reverse("api:show_upload", args=[upload.pk])
    return Status(HTTPStatus.CREATED if is_new else HTTPStatus.OK, _told(request, upload.pk))


@router.get("/uploads", response=UploadsOut, auth=READ)
def list_uploads(request: HttpRequest, chosen: Query[UploadFilter]) -> UploadsOut:
    """List the school's uploads, newest first."""
    refuse_unknown(request.GET, of=UploadFilter)
    uploads = programs.uploads_of(token_of(request).school)
    if chosen.cursor:
        uploads = uploads.filter(pk__lt=chosen.cursor)
    found = list(uploads[: chosen.limit + 1])
    page = found[: chosen.limit]
    more = str(page[-1].pk) if len(found) > len(page) else None
    return UploadsOut(uploads=[UploadOut.of(upload) for upload in page], next=more)


@router.get("/uploads/{int:upload_id}", response=UploadDetail, auth=READ)
def show_upload(request: HttpRequest, upload_id: int) -> UploadDetail:
    """Show an upload: its state, its columns, what would change, and what is wrong."""
    return _told(request, upload_id)


@router.put("/uploads/{int:upload_id}/columns", response=UploadDetail, auth=SUBMIT)
def choose_upload_columns(request: HttpRequest, upload_id: int, body: Columns) -> UploadDetail:
    """Say as what its columns are read; its check begins anew, and the next file of that shape is read so."""
    upload = _upload(request, upload_id)
    programs.choose(upload, token=token_of(request), places=body.columns, now=timezone.now())
    return _told(request, upload_id)


@router.post(
    "/uploads/{int:upload_id}/import",
    response=UploadDetail,
    auth=SUBMIT,
    openapi_extra={"parameters": [KEY_PARAMETER]},
)
def import_upload(request: HttpRequest, upload_id: int, body: Import | None = None) -> UploadDetail:
    """Begin the import of the good rows, all at once; the same key begins it once."""
    upload, wishes = _upload(request, upload_id), body or Import()
    programs.begin_import(upload, token=token_of(request), key=key_of(request), with_others=wishes.others)
    return _told(request, upload_id)


@router.post("/uploads/{int:upload_id}/undo", response=UploadDetail, auth=CHANGE)
def undo_upload(request: HttpRequest, upload_id: int) -> UploadDetail:
    """Begin the undoing of its import: rows become what they were, but for those that changed since."""
    programs.begin_undo(_upload(request, upload_id), token=token_of(request))
    return _told(request, upload_id)


def _received(request: HttpRequest, *, name: str) -> "TemporaryUploadedFile":
    """Return the body as a file on disk, which goes when it is closed.

    Raises:
        Problem: the body broke off.
    """
    length = int(request.headers.get("content-length") or 0)
    file = TemporaryUploadedFile(name, request.content_type or "", length, None)
    left = length
    with suppress(UnreadablePostError):
        while left and (block := request.read(min(BLOCK_BYTES, left))):
            file.write(block)
            left -= len(block)
    if left:
        file.close()
        raise problems.broken_off()
    file.flush()
    file.seek(0)
    return file


def _upload(request: HttpRequest, upload_id: int) -> Upload:
    upload: Upload = get_object_or_404(programs.uploads_of(token_of(request).school), pk=upload_id)
    return upload


def _told(request: HttpRequest, upload_id: int) -> UploadDetail:
    uploads = with_same_files(programs.uploads_of(token_of(request).school))
    upload: Any = get_object_or_404(uploads, pk=upload_id)
    dataset = DATASETS[upload.dataset]
    suggestion, _ = suggestion_for(upload.headings, dataset=dataset, school_id=upload.school_id)
    return UploadDetail.told(upload, suggestion=suggestion, same_imported_at=upload.same_imported_at)
