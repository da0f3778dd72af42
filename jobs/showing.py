"""What a page shows of where a job stands and of what can be done with it; other apps' pages too."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs import followers, reviving, standings
from jobs.models import Job
from jobs.registry import kind_named

DONE_STAYS = _("What was done until then stays done.")
NOTHING_STAYS = _("It is done as a whole or not at all: what it did until then is undone.")


def standing_shown(job: Job, *, page_address: str, refreshes_at: str = "") -> dict[str, Any]:
    """Return the context of `jobs/standing.html`, with `job` brought up to date.

    It refreshes itself from `refreshes_at` until the job is at rest, unless that is empty, and leads
    to `page_address` for who has no script.
    """
    standing = standings.standing_of(job, now=timezone.now())
    return {
        "job": job,
        "kind": kind_named(job.kind),
        "standing": standing,
        "page_address": page_address,
        "refreshes_at": "" if standing.is_at_rest else refreshes_at,
    }


def actions_shown(job: Job, *, back: str = "") -> dict[str, Any]:
    """Return the context of `jobs/actions.html`; its buttons lead to the address `back`, else to the job."""
    can_be_retried = reviving.can_be_retried(job) and not followers.ended_badly_before(job)
    return {"can_be_retried": can_be_retried, "back": back}


def what_stays(job: Job) -> str:
    """Return what becomes of what a job did before it is stopped, as a sentence."""
    return str(NOTHING_STAYS if kind_named(job.kind).is_whole else DONE_STAYS)
