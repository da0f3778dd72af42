"""Finding jobs page by page, newest first, for programs and the command line."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from jobs.models import Job
from jobs.searching import Search

MOST_JOBS = 200
"""Jobs in one page."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which jobs are meant; an empty field means any."""

    kind: str = ""
    state: str = ""
    text: str = ""
    """Words in the title, the error or the error of a part."""
    person: str = ""
    """Mail address of the person who asked, in small or capital letters."""
    since: datetime | None = None
    """Asked for at this time or later."""
    before: int | None = None
    """Only jobs with a smaller id: the next page of an earlier search."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of jobs."""

    jobs: list[Job]
    before: int | None
    """What finds the next page; None when this is the last."""


def find(jobs: QuerySet[Job], *, wanted: Wanted, limit: int) -> Found:
    """Return the newest of `jobs` that fit, `limit` of them at most; for the text see `Search.among`."""
    if wanted.since is not None:
        jobs = jobs.filter(created_at__gte=wanted.since)
    if wanted.before is not None:
        jobs = jobs.filter(pk__lt=wanted.before)
    if wanted.person:
        jobs = jobs.filter(submitted_by__email__iexact=wanted.person)
    fitting = Search(kind=wanted.kind, state=wanted.state, text=wanted.text).among(jobs)
    found = list(fitting.select_related("school", "submitted_by").order_by("-pk")[: limit + 1])
    page = found[:limit]
    return Found(jobs=page, before=page[-1].pk if len(found) > limit else None)
