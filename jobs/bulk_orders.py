"""Changing more jobs than one click can: a job of the platform goes through them, in short parts.

Which jobs they are is written down when a person confirms their number, so that no other is ever touched. A
part that is done again after its worker was lost finds in each job's history what it did already.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs import bulk
from jobs.amounts import count
from jobs.asking import Refused
from jobs.bulk import Action, OthersNow
from jobs.models import OPEN_STATES, BulkChange, Job, Person, School
from jobs.models.people import PLATFORM
from jobs.settings import switchyard
from jobs.submission import submit
from jobs.verbs import PartPlan, WorkingPart

LANE = "webhooks"
"""No person waits for what is in it, and its work is as short."""
MOST = 100_000
"""Jobs of one order; the same choice again finds the others."""
JOBS_A_PART = 25
PRIORITY = -10
"""Behind whatever else of the platform waits in the lane."""
ENDED_MEANWHILE = 0.05
"""The share of the jobs that were seen which may have come to fit no more until the click."""

NOTED = {Action.RETRY: "retried", Action.STOP: "stopped", Action.MOVE: "moved"}
"""What stands in a job's history once it was done to it."""
TITLES = {
    Action.RETRY: gettext_lazy("Retry {jobs}"),
    Action.STOP: gettext_lazy("Stop {jobs}"),
    Action.MOVE: gettext_lazy("Move {jobs} to {lane}"),
}


def is_offered() -> bool:
    """Whether there is a lane for it."""
    return LANE in switchyard().lanes


def order(
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
    """Let `action` be done to those of `jobs` to which it can be done, of which `confirmed` were seen.

    Raises:
        OthersNow: there are more now, or far fewer; nothing is changed.
        Refused: the same is under way already.
    """
    with transaction.atomic():
        platform = School.objects.platform()
        # Of two clicks on the same button the second one waits here, and finds the first one's job.
        School.objects.select_for_update(no_key=True).get(pk=platform.pk)
        _require_none_under_way(action, chosen=chosen, lane=lane)
        found = bulk.those_that_can(jobs, action, lane=lane).order_by("id")
        ids = list(found.values_list("id", flat=True)[:MOST])
        if not confirmed * (1 - ENDED_MEANWHILE) <= len(ids) <= confirmed:
            raise OthersNow(found=len(ids), confirmed=confirmed)
        asked = {"by": by, "action": action, "lane": lane, "chosen": chosen, "why": why}
        change = BulkChange.objects.create(at=now, count=len(ids), done=0, ids=ids, **asked)
        submit(
            kind=bulk.KIND,
            school=platform,
            by=by,
            arguments={"change": change.pk},
            key=_key(change.pk),
            title=TITLES[action].format(jobs=count(len(ids), "job"), lane=lane),
            units=len(ids),
            lane=LANE,
            priority=PRIORITY,
        )
    return change


def _require_none_under_way(action: Action, *, chosen: str, lane: str) -> None:
    open_ones = Job.objects.filter(kind=bulk.KIND, state__in=OPEN_STATES).values_list("arguments", flat=True)
    same = BulkChange.objects.filter(action=action, chosen=chosen, lane=lane)
    if same.filter(pk__in=[arguments["change"] for arguments in open_ones]).exists():
        message = _(
            "The same is done to these jobs already. Its progress is below; stop it there if need be."
        )
        raise Refused(message)


def plan(change_id: int) -> Iterator[PartPlan]:
    """Cut the jobs that were chosen into parts."""
    ids = BulkChange.objects.values_list("ids", flat=True).get(pk=change_id)
    for first in range(0, len(ids), JOBS_A_PART):
        some = ids[first : first + JOBS_A_PART]
        yield PartPlan(units=len(some), arguments={"jobs": some})


def work(part: WorkingPart) -> None:
    """Change the jobs of one part, each in a transaction of its own; one that refuses counts as failed."""
    change = BulkChange.objects.select_related("by").defer("ids").get(pk=part.job.arguments["change"])
    done = failed = 0
    for job in Job.objects.filter(pk__in=part.arguments["jobs"]).order_by("pk"):
        part.check()
        if _was_changed(job, change) or _changes(job, change):
            done += 1
        else:
            failed += 1
        part.report(done=done, failed=failed)
    part.report(done=done, failed=part.units - done)


def _was_changed(job: Job, change: BulkChange) -> bool:
    """Whether this change did it before: its worker was lost after that."""
    what = NOTED[Action(change.action)]
    return job.events.filter(what=what, at__gte=change.at, by=change.by, why=change.why).exists()


def _changes(job: Job, change: BulkChange) -> bool:
    action = Action(change.action)
    if not bulk.those_that_can(Job.objects.filter(pk=job.pk), action, lane=change.lane).exists():
        return False
    return bulk.act(job, action, lane=change.lane, by=change.by, why=change.why)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One change of many jobs, as the page lists it."""

    change: BulkChange
    job: Job | None
    """That does it, or did; None for one that was done at once, or whose job is not kept any more."""

    @property
    def what(self) -> str:
        """What was done, in the reader's language."""
        words = {Action.RETRY: _("Tried again"), Action.STOP: _("Stopped"), Action.MOVE: _("Moved to {lane}")}
        return words[Action(self.change.action)].format(lane=self.change.lane)

    @property
    def done(self) -> int:
        """To how many jobs it was done."""
        return self.job.units_done if self.job else self.change.done

    @property
    def is_under_way(self) -> bool:
        """Whether some of it is still to be done."""
        return self.job is not None and not self.job.has_ended


def lines(changes: QuerySet[BulkChange], *, most: int) -> Sequence[Line]:
    """Return the newest `most` of the changes, each with its job."""
    newest = list(changes.select_related("by").defer("ids")[:most])
    keys = [_key(change.pk) for change in newest]
    of_platform = Job.objects.filter(school__slug=PLATFORM, kind=bulk.KIND, key__in=keys)
    jobs = {job.key: job for job in of_platform}
    return [Line(change=change, job=jobs.get(_key(change.pk))) for change in newest]


def _key(change_id: int) -> str:
    return f"change-{change_id}"
