"""Changing all jobs of a choice at once: each as by itself, with one line for all."""

from datetime import datetime
from enum import StrEnum

import structlog
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import ngettext

from jobs import lifecycle, moving
from jobs.asking import Refused
from jobs.models import ENDED_STATES, OPEN_STATES, BulkChange, Job, JobState, Person
from jobs.settings import switchyard

log = structlog.get_logger()

KIND = "jobs.change"
"""The jobs that change more than a click can (`jobs.bulk_orders`); none of them is changed so itself."""
MOST = 500
"""Jobs of one click: it takes some seconds."""


class Action(StrEnum):
    """What can be done to many jobs."""

    RETRY = "retry"
    STOP = "stop"
    MOVE = "move"


class OthersNow(Exception):
    """Between the page and the click, other jobs came to fit the choice; the message is a sentence."""

    def __init__(self, *, found: int, confirmed: int) -> None:
        """Say that as many as were `found` fit now, and not as many as were `confirmed`."""
        super().__init__(
            ngettext(
                "{found:,} job fits the choice now, and not {confirmed:,}. Look at them again.",
                "{found:,} jobs fit the choice now, and not {confirmed:,}. Look at them again.",
                found,
            ).format(found=found, confirmed=confirmed)
        )


def lanes_to_move_to() -> list[str]:
    """Return the lanes to which jobs may be moved: a vital one keeps its workers for its own."""
    return [name for name, lane in switchyard().lanes.items() if not lane.is_vital]


def would_compute(jobs: QuerySet[Job], *, lane: str) -> bool:
    """Whether some of `jobs` are in lanes for work that computes, and `lane` is for work that waits."""
    lanes = switchyard().lanes
    if lane not in lanes or lanes[lane].pool != "threads":
        return False
    computing = [each.name for each in lanes.values() if each.pool != "threads"]
    return jobs.filter(lane__in=computing).exists()


def those_that_can(jobs: QuerySet[Job], action: Action, *, lane: str = "") -> QuerySet[Job]:
    """Return those of `jobs` to which it can be done at all; each may still refuse it."""
    jobs = jobs.exclude(kind=KIND)
    if action == Action.RETRY:
        return jobs.filter(state__in=[state for state in ENDED_STATES if state != JobState.DONE])
    still_open = jobs.filter(state__in=OPEN_STATES)
    if action == Action.STOP:
        return still_open
    return still_open.filter(lane__in=lanes_to_move_to()).exclude(lane=lane)


def change(
    jobs: QuerySet[Job],
    action: Action,
    *,
    confirmed: int,
    chosen: str,
    by: Person,
    why: str,
    now: datetime,
    lane: str = "",
) -> BulkChange:
    """Do `action` to those of `jobs` to which it can be done, of which `confirmed` were seen.

    Each job is changed in a transaction of its own and keeps who did it, and why. `chosen` says which they
    are, for the line about all of them.

    Raises:
        OthersNow: there are more or fewer now; nothing was changed.
    """
    found = list(those_that_can(jobs, action, lane=lane).order_by("id")[: MOST + 1])
    if min(len(found), MOST) != confirmed:
        raise OthersNow(found=min(len(found), MOST), confirmed=confirmed)
    done = sum(act(job, action, lane=lane, by=by, why=why) for job in found[:MOST])
    log.info("jobs_changed", action=str(action), jobs=done, by=by.pk)
    return BulkChange.objects.create(
        by=by, at=now, action=action, lane=lane, chosen=chosen, why=why, count=confirmed, done=done
    )


def act(job: Job, action: Action, *, lane: str, by: Person | None, why: str) -> bool:
    """Do it to one job, and return whether that did not refuse."""
    try:
        if action == Action.RETRY:
            lifecycle.retry(job, by=by, why=why)
        elif action == Action.STOP:
            lifecycle.stop(job, by=by, why=why)
        else:
            moving.move_to(job, lane=lane, by=by, why=why, now=timezone.now())
    except (lifecycle.CannotChange, moving.CannotMove, Refused):
        return False
    return True
