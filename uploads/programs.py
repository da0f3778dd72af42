"""What programs ask of uploads: a file received, its columns chosen, its import and its undoing."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Self
from uuid import NAMESPACE_URL, uuid5

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.asking import Refused, WrongArguments
from jobs.files import uploaded_name
from jobs.keys import KeyTaken
from jobs.models import ApiToken, Job, School
from jobs.scanning import Infected, NotScanned, require_clean
from jobs.setting_fields import did_you_mean
from uploads.choosing import choose_columns
from uploads.datasets import DATASETS
from uploads.looking import look_into
from uploads.models import Upload, UploadState
from uploads.receiving import receive
from uploads.suggesting import missing_columns
from uploads.tables.refusing import UnreadableFile

NO_DATASET = gettext_lazy("There is no dataset {name!r}; there are: {others}.")
OTHER_FILE = gettext_lazy(
    "The key belongs to upload {pk}, which was another file or was sent with other wishes; choose another "
    "key, or send the same."
)
OTHER_WISH = gettext_lazy(
    "The key belongs to the import of upload {pk} with other wishes; send the same, or another key."
)
NOT_TO_IMPORT = gettext_lazy("Upload {pk} cannot be imported: {why}")
NOT_TO_UNDO = gettext_lazy(
    "The import of upload {pk} cannot be undone: it is not imported, or what was before is not kept."
)
NOT_TO_CHANGE = gettext_lazy("The columns of upload {pk} cannot be chosen any more.")


@dataclass(frozen=True, kw_only=True)
class Wished:
    """How a file is to be read and imported."""

    dataset: str
    sheet: str = ""
    needs_all: bool = False
    wants_mail: bool = False

    @classmethod
    def of(cls, upload: Upload) -> Self:
        """Return what was wished of `upload`."""
        return cls(**{each.name: getattr(upload, each.name) for each in fields(cls)})


def receive_file(
    file: "UploadedFile[bytes]", *, token: ApiToken, key: str, wished: Wished
) -> tuple[Upload, bool]:
    """Receive a file and return its upload, and whether it is new; the same key brings the same upload.

    Raises:
        WrongArguments: there is no such dataset, or the file cannot be read.
        KeyTaken: the key belongs to another file, or to other wishes.
    """
    if wished.dataset not in DATASETS:
        said = NO_DATASET.format(name=wished.dataset, others=", ".join(DATASETS))
        raise WrongArguments({"dataset": said + did_you_mean(wished.dataset, DATASETS)})
    unique = uuid5(NAMESPACE_URL, f"{token.school_id}/{key}")
    known = Upload.objects.filter(school=token.school, key=unique).select_related("file").first()
    if known is None:
        try:
            require_clean(file, name=uploaded_name(file), school=token.school, by=token.created_by)
            look = look_into(file, dataset=DATASETS[wished.dataset], sheet=wished.sheet)
        except NotScanned as error:
            raise Refused(str(error)) from error
        except (UnreadableFile, Infected) as error:
            raise WrongArguments({"file": str(error)}) from error
        upload = receive(
            file=file,
            key=unique,
            school=token.school,
            by=token.created_by,
            look=look,
            program=token.name,
            **asdict(wished),
        )
    found = known or upload
    if found.file.sha256 != _digest(file) or Wished.of(found) != wished:
        raise KeyTaken(OTHER_FILE.format(pk=found.pk))
    return found, known is None


def choose(upload: Upload, *, token: ApiToken, places: Mapping[str, int], now: datetime) -> None:
    """Check the upload with its columns read so.

    Raises:
        WrongArguments: a column is none of the dataset's or the file's, stands twice, or is missing.
        Refused: it is imported, or cannot be read.
    """
    flaws = _flaws(upload, places)
    if flaws:
        raise WrongArguments(flaws)
    by, program = token.created_by, token.name
    if not choose_columns(upload=upload, places=places, by=by, now=now, program=program):
        raise Refused(NOT_TO_CHANGE.format(pk=upload.pk))


def _flaws(upload: Upload, places: Mapping[str, int]) -> dict[str, str]:
    dataset = DATASETS[upload.dataset]
    flaws = {f"columns.{name}": _flaw(upload, places, name) for name in places}
    missing = ", ".join(column.name for column in missing_columns(places, dataset=dataset))
    if missing:
        flaws["columns"] = _("No column is read as: {missing}.").format(missing=missing)
    return {field: flaw for field, flaw in flaws.items() if flaw}


def _flaw(upload: Upload, places: Mapping[str, int], name: str) -> str:
    names = [column.name for column in DATASETS[upload.dataset].columns]
    if name not in names:
        says = _("There is no such column; there are: {names}.").format(names=", ".join(names))
        return says + did_you_mean(name, names)
    if places[name] >= len(upload.headings):
        return _("The file has {number} columns, the first one is 0.").format(number=len(upload.headings))
    if list(places.values()).count(places[name]) > 1:
        return _("Column {place} is read as two.").format(place=places[name])
    return ""


def begin_import(upload: Upload, *, token: ApiToken, key: str, with_others: bool) -> bool:
    """Begin the import and return whether this call did it; the same key does it once.

    Raises:
        KeyTaken: the key belongs to another import.
        Refused: there is nothing to import as things stand.
    """
    from uploads import importing  # noqa: PLC0415  (see uploads.kinds)

    if _was_asked(upload, key=key, with_others=with_others):
        return False
    began = importing.begin_import(
        upload=upload, by=token.created_by, with_others=with_others, key=key, program=token.name
    )
    if not began and not _was_asked(upload, key=key, with_others=with_others):
        raise Refused(NOT_TO_IMPORT.format(pk=upload.pk, why=_why_not(upload)))
    return began


def _was_asked(upload: Upload, *, key: str, with_others: bool) -> bool:
    """Say whether the key brought the upload's import before.

    Raises:
        KeyTaken: it brought another one.
    """
    job = Job.objects.filter(school=upload.school_id, kind="uploads.import", key=key).first()
    if job is None:
        return False
    asked = job.arguments["upload"]
    same = Upload.objects.filter(pk=upload.pk, import_job=job, imports_others=with_others)
    if asked != upload.pk or not same.exists():
        raise KeyTaken(OTHER_WISH.format(pk=asked))
    return True


def _why_not(upload: Upload) -> str:
    upload.refresh_from_db()
    if upload.state != UploadState.CHECKED:
        return _("its state is “{state_now}”.").format(state_now=upload.state_now)
    if upload.is_held_back:
        return _("it was sent with `needs_all`, and a row is wrong.")
    return _("no row of it is good, or only rows that look like another person are.")


def begin_undo(upload: Upload, *, token: ApiToken) -> bool:
    """Begin the undoing of the import and return whether this call did it; a second one finds it begun.

    Raises:
        Refused: there is nothing that can be undone.
    """
    from uploads import undoing  # noqa: PLC0415  (see uploads.kinds)

    if undoing.begin_undo(upload=upload, by=token.created_by, program=token.name):
        return True
    upload.refresh_from_db()
    if upload.state not in (UploadState.UNDOING, UploadState.UNDONE):
        raise Refused(NOT_TO_UNDO.format(pk=upload.pk))
    return False


def uploads_of(school: School) -> QuerySet[Upload]:
    """Return the school's uploads, newest first, with what is told of them."""
    return Upload.objects.filter(school=school).select_related(
        "file", "error_file", "change_file", "kept_file", "check_job", "import_job", "undo_job"
    )


def _digest(file: "UploadedFile[bytes]") -> str:
    digest = hashlib.sha256()
    file.seek(0)
    for block in file.chunks():
        digest.update(block)
    return digest.hexdigest()
