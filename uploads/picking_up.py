"""Picking up files from folders: received, checked, and imported where the school wants that.

A file is first renamed to a name with a mark, which is the key of its upload: whoever goes on with it, after
any kill, finds the same upload. It is put away, with a report beside it, when nothing more is done with it.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy

from jobs.scanning import Infected, NotScanned, require_clean
from uploads import pickup_folders
from uploads.datasets import DATASETS
from uploads.looking import TooLarge, look_into
from uploads.models import Pickup, PickupMode, Upload, UploadState
from uploads.pickup_folders import DONE, FAILED, Taken, Watch
from uploads.receiving import receive, receive_unreadable
from uploads.reporting import report_of
from uploads.settings import pickup_settings
from uploads.tables.refusing import UnreadableFile
from uploads.telling import tell

log = structlog.get_logger()
FORBIDDEN = gettext_lazy(
    "The platform may not read this file. Let the software that writes it make it readable."
)
watch = Watch()
"""What this process, should it be the one that picks up, has seen of the folders."""


def pick_up(*, now: datetime) -> None:
    """Look into all folders once: take files that are complete, and bring on those that were taken.

    Those of a school that is off stay where they are.
    """
    settings = pickup_settings()
    if settings.root is None:
        return
    of_schools = Pickup.objects.filter(school__is_on=True).select_related("school", "set_by")
    for pickup in of_schools.order_by("pk"):
        folder = folder_of(pickup, root=settings.root)
        try:
            pickup_folders.make_folders(folder)
            for path in watch.stable(folder, seconds=settings.stable_seconds, now=now):
                pickup_folders.take(path)
            for taken in pickup_folders.taken_in(folder):
                _bring_on(taken, pickup)
        except OSError as error:
            # A folder that is away, full or not ours; the next round looks again.
            log.warning("pickup_failed", school=pickup.school.slug, error=type(error).__name__)


def folder_of(pickup: Pickup, *, root: Path) -> Path:
    """Return where the school's software puts files of the dataset."""
    return root / pickup.school.slug / pickup.dataset


def _bring_on(taken: Taken, pickup: Pickup) -> None:
    """Do the next step with a file that was taken."""
    uploads = Upload.objects.select_related(
        "file", "school", "created_by", "check_job", "import_job", "undo_job"
    )
    upload = uploads.filter(school=pickup.school, key=taken.mark).first()
    if upload is None:
        _receive(taken, pickup)
    elif not (upload.is_at_work or _begins_import(upload, pickup)):
        into = DONE if _is_as_wished(upload, pickup) else FAILED
        called = f"upload {upload.pk}"
        tell(upload)
        pickup_folders.put_away(taken, into=into, called=called, report=report_of(upload))
        log.info("file_put_away", upload=upload.pk, into=into)


def _receive(taken: Taken, pickup: Pickup) -> None:
    """Make it an upload, also where it cannot be read, so that the school is told of it."""
    asked: dict[str, Any] = {"school": pickup.school, "by": pickup.set_by, "dataset": pickup.dataset}
    try:
        content = taken.path.open("rb")
    except PermissionError:
        _refuse(ContentFile(b"", name=taken.name), reason=str(FORBIDDEN), key=taken.mark, **asked)
        return
    with content:
        file = UploadedFile(content, name=taken.name, size=taken.path.stat().st_size)
        try:
            require_clean(file, name=taken.name, school=pickup.school, by=pickup.set_by)
            look = look_into(file, dataset=DATASETS[pickup.dataset])
        except NotScanned:
            log.info("file_waits_for_scanner", school=pickup.school.slug)  # the next round asks again
        except (Infected, TooLarge) as error:  # only its name is kept; it lies where files that failed do
            _refuse(ContentFile(b"", name=taken.name), reason=str(error), key=taken.mark, **asked)
        except UnreadableFile as error:
            _refuse(file, reason=str(error), key=taken.mark, **asked)
        else:
            needs_all = pickup.mode == PickupMode.ALL
            upload = receive(file=file, key=taken.mark, needs_all=needs_all, look=look, **asked)
            log.info("file_picked_up", upload=upload.pk)


def _refuse(file: "File[bytes]", **asked: Any) -> None:
    upload = receive_unreadable(file=file, **asked)
    log.info("file_not_read", upload=upload.pk)


def _begins_import(upload: Upload, pickup: Pickup) -> bool:
    """Begin the import where that is wanted and there is something to import; say whether it was begun."""
    from uploads.importing import begin_import  # noqa: PLC0415  (see uploads.kinds)

    if pickup.mode == PickupMode.CHECK or upload.state != UploadState.CHECKED:
        return False
    return begin_import(upload=upload, by=pickup.set_by)


def _is_as_wished(upload: Upload, pickup: Pickup) -> bool:
    """Say whether it went as far as the school wants it to."""
    if upload.state == UploadState.CHECKED:
        return pickup.mode == PickupMode.CHECK
    return upload.imported_at is not None
