"""Whom the tests write to, and what is known of what that costs."""

from collections.abc import Callable, Mapping

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from emails import handing_in, policies
from emails.handing_in import Kept
from emails.models import Attachment, Mailing
from emails.preflight import require_sendable
from emails.reaching import reach_of
from jobs import files
from jobs.models import Cost, Job, WorkerPresence

A, B, C = "ana@x.example", "bea@x.example", "cem@x.example"
SITE = "https://careers.northfield.example"
Sent = Callable[..., Job]
"""Submits a mailing to some addresses, with files by name and content."""


def learn_mailings(*, unit_seconds: float = 0.01) -> None:
    """Let eight workers of the lane bulk be there, and a mail take so long, whatever its size."""
    now = timezone.now()
    WorkerPresence.objects.create(name="bulk@here", lane="bulk", slots=8, started_at=now, beat_at=now)
    known = {"megabyte_seconds": 0, "known_megabytes": 100, "units": 100, "learned_at": now}
    Cost.objects.create(kind="emails.mailing", unit_seconds=unit_seconds, **known)


def attach(mailing: Mailing, content: bytes = b"%PDF" * 100, *, name: str = "map.pdf") -> None:
    """Let a file with this content go with every mail of `mailing`."""
    stored = files.store(
        school=mailing.school, name=name, media_type="application/pdf", content=ContentFile(content)
    )
    Attachment.objects.create(mailing=mailing, school=mailing.school, file=stored)


def hand_in(mailing: Mailing, contents: Mapping[str, bytes]) -> Kept:
    """Hand in files of students' own, by name and content, as who wrote `mailing`."""
    assert mailing.created_by is not None
    uploaded = [SimpleUploadedFile(name, content) for name, content in contents.items()]
    return handing_in.keep(mailing=mailing, uploaded=uploaded, by=mailing.created_by)


def named(*names: str, size: int = 10) -> dict[str, bytes]:
    """Return files of these names, of which each has another content of about `size` bytes."""
    return {name: name.encode() * (size // len(name) + 1) for name in names}


def require(mailing: Mailing) -> None:
    """Raise where `mailing` must not be sent as it is."""
    files = mailing.attached_files()
    as_links = policies.goes_as_links(files, school=mailing.school)
    require_sendable(mailing, reach_of(mailing), attached=[] if as_links else files)
