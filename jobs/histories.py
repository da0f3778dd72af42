"""What happened to one job, for its page: its changes, and the parts that did not go smoothly."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from jobs.models import Attempt, AttemptOutcome, Job, Part, PartState

EVENTS_A_PAGE = 20
PARTS_A_PAGE = 10
ATTEMPTS_SHOWN = 20
"""Of one part; the newest."""


@dataclass(frozen=True, kw_only=True)
class History:
    """What happened to a job."""

    events: "Page[Any]"
    """Its changes, newest first, with who made them."""
    parts: "Page[Any]"
    """The parts with trouble, oldest first, each with its newest attempts as `attempts_made`."""


def history_of(job: Job, *, events_page: str | None = None, parts_page: str | None = None) -> History:
    """Return the history of `job`; a page number that there is not becomes the nearest that there is."""
    events = job.events.select_related("by").order_by("-id")
    return History(
        events=Paginator(events, EVENTS_A_PAGE).get_page(events_page),
        parts=Paginator(_with_trouble(job), PARTS_A_PAGE).get_page(parts_page),
    )


def _with_trouble(job: Job) -> QuerySet[Part]:
    """Return the parts that failed, were lost or took too long; those handed back at a deploy did not."""
    attempts = Attempt.objects.exclude(outcome=AttemptOutcome.HANDED_BACK)
    has_trouble = Q(state=PartState.FAILED) | Exists(attempts.filter(part=OuterRef("pk")))
    newest = attempts.order_by("-id")[:ATTEMPTS_SHOWN]
    parts = job.parts.filter(has_trouble).order_by("id")
    return parts.prefetch_related(Prefetch("attempts", queryset=newest, to_attr="attempts_made"))
