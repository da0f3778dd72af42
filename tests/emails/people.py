"""Whom the tests write to, and what is known of what that costs."""

from collections.abc import Callable

from django.utils import timezone

from emails import policies
from emails.models import Mailing
from emails.preflight import require_sendable
from emails.reaching import reach_of
from jobs.models import Cost, Job, WorkerPresence

A, B, C = "ana@x.example", "bea@x.example", "cem@x.example"
Sent = Callable[..., Job]
"""Submits a mailing to some addresses, with files by name and content."""


def learn_mailings(*, unit_seconds: float = 0.01) -> None:
    """Let eight workers of the lane bulk be there, and a mail take so long, whatever its size."""
    now = timezone.now()
    WorkerPresence.objects.create(name="bulk@here", lane="bulk", slots=8, started_at=now, beat_at=now)
    known = {"megabyte_seconds": 0, "known_megabytes": 100, "units": 100, "learned_at": now}
    Cost.objects.create(kind="emails.mailing", unit_seconds=unit_seconds, **known)


def require(mailing: Mailing) -> None:
    """Raise where `mailing` must not be sent as it is."""
    files = mailing.attached_files()
    as_links = policies.goes_as_links(files, school=mailing.school)
    attached_bytes = 0 if as_links else sum(file.size for file in files)
    require_sendable(mailing, reach_of(mailing), attached_bytes=attached_bytes)
