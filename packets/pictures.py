"""Pictures of the first pages: drawn in a child process, and kept by the content of what they show."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from django.core.files import File
from django.db import transaction
from django.db.models import Exists, OuterRef

from jobs.confinement import Crashed, Limits, OutOfBounds
from jobs.files import discard, store
from jobs.models import School, StoredFile
from packets import confined
from packets.models import PagePicture

log = structlog.get_logger()

SHOWN_PAGES = range(1, 7)
"""Of a result."""
WIDTH = 420
"""Pixels: twice what a page of ours gives a picture, for fine screens."""
MEDIA_TYPE = "image/webp"
LIMITS = Limits(megabytes=500, cpu_seconds=10, seconds=10)


def draw(path: str, *, pages: Sequence[int] = SHOWN_PAGES, limits: Limits | None = None) -> dict[int, bytes]:
    """Return pictures of these pages of a PDF, by number; pages that take more than the limits have none."""
    with TemporaryDirectory(prefix="pictures-") as folder:
        try:
            confined.draw(source=path, folder=folder, pages=list(pages), width=WIDTH, limits=limits or LIMITS)
        except (OutOfBounds, Crashed) as error:
            log.warning("pages_not_drawn", bound=str(getattr(error, "bound", "crash")))
        paths = {number: Path(folder, f"{number}.webp") for number in pages}
        return {number: path.read_bytes() for number, path in paths.items() if path.exists()}


def keep(pictures: Mapping[int, bytes], *, of: StoredFile, school: School) -> None:
    """Keep the pictures of a result; what was drawn of the same content before stays."""
    if PagePicture.objects.filter(school=school, sha256=of.sha256).exists():
        return
    for number, content in pictures.items():
        name, file = f"Page {number}.webp", File(BytesIO(content))
        picture = store(school=school, name=name, media_type=MEDIA_TYPE, content=file)
        place = {"school": school, "sha256": of.sha256, "number": number}
        _, is_new = PagePicture.objects.get_or_create(**place, defaults={"picture": picture})
        if not is_new:
            discard(picture)


def discard_shown(files: Sequence[StoredFile]) -> None:
    """Delete the files, with the pictures of what no other file has; call it within a transaction."""
    for file in files:
        discard(file)
    forget_unshown(among=[file.sha256 for file in files], most=len(files) * len(SHOWN_PAGES))


def forget_unshown(*, most: int, among: Iterable[str] | None = None) -> int:
    """Forget at most so many pictures of what is no file any more, among these digests; return how many."""
    files = StoredFile.objects.filter(school=OuterRef("school"), sha256=OuterRef("sha256"))
    pictures = PagePicture.objects.filter(~Exists(files)).select_related("picture").order_by("pk")
    if among is not None:
        pictures = pictures.filter(sha256__in=list(among))
    found = list(pictures[:most])
    with transaction.atomic():
        for each in found:
            each.delete()
            discard(each.picture)
    return len(found)
