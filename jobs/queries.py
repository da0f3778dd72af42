"""What pages read: the lanes now, and lists of jobs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery

from jobs import budgets, counting, depths
from jobs.budgets import LaneHealth
from jobs.held import free_waiting
from jobs.lanes import Lane
from jobs.models import TROUBLED_ENDS, Detour, Hold, Job, Part, PartState, Person, School
from jobs.registry import Kind, UnknownKind, kind_named, kinds
from jobs.settings import switchyard
from jobs.staffing import Staff, Staffed, staffed

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
OPEN_STATES = (PartState.WAITING, PartState.WORKING, PartState.DELAYED)


@dataclass(frozen=True, kw_only=True)
class LaneNow:
    """One lane as the ops page shows it."""

    lane: Lane
    parts_waiting: int
    """Parts whose time has come: the lane's depth in the database."""
    doorbells: int | None
    """Messages in the broker's queue; None when the broker does not answer."""
    parts_working: int
    parts_delayed: int
    """Parts that wait for their time: a next attempt, or a scheduled start."""
    parts_scheduled: int
    """Those of them that wait for a scheduled start."""
    parts_done_last_minute: int
    parts_held: int
    """Waiting parts that a hold keeps back."""
    oldest_wait: timedelta | None
    """That of the oldest part that no hold keeps back."""
    slots_present: int
    """Parts that the present workers can do at once."""
    staff: Staff
    """How many there are to be."""
    why_not_more: str
    """Why there are fewer, where the settings are the reason; a sentence, else empty."""
    canary: LaneHealth | None
    """What its canaries tell; None before the first."""

    @property
    def parts_to_retry(self) -> int:
        """Parts that wait for their next attempt."""
        return self.parts_delayed - self.parts_scheduled

    @property
    def is_late(self) -> bool:
        """Whether a part has waited longer than the lane's promise."""
        return self.oldest_wait is not None and self.oldest_wait.total_seconds() > self.lane.promise_seconds

    @property
    def is_short_of_workers(self) -> bool:
        """Whether fewer slots are present than there are to be."""
        return self.slots_present < self.staff.workers


def lanes_now(*, now: datetime, holds: Sequence[Hold] = ()) -> list[LaneNow]:
    """Return all lanes in the order of the settings, with what waits and works in them while `holds` hold."""
    parts = _parts_by_lane(now=now)
    lanes = switchyard().lanes
    if holds:
        free = free_waiting(lanes, holds=holds)
        for lane, row in parts.items():
            count, row["oldest"] = free.get(lane, (0, None))
            row["held"] = max(0, row.get("waiting", 0) - count)
    doorbells = depths.asker.depths(lanes)
    told = budgets.health(now=now)
    return [
        _lane_now(
            each,
            parts.get(each.lane.name, {}),
            doorbells=doorbells.get(each.lane.name),
            canary=told.get(each.lane.name),
            now=now,
        )
        for each in staffed(lanes, now=now)
    ]


def _parts_by_lane(*, now: datetime) -> dict[str, dict[str, Any]]:
    """Count each lane's parts; states asked for in one condition would let PostgreSQL read all that ended."""
    lately = Q(state=PartState.DONE, ended_at__gte=now - MINUTE)
    first, *others = (
        Part.objects.filter(chosen)
        .order_by()
        .values("lane", "state")
        .annotate(parts=Count("id"), unclaimed=Count("id", filter=Q(attempt=0)), oldest=Min("ready_at"))
        for chosen in (*(Q(state=state) for state in OPEN_STATES), lately)
    )
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in first.union(*others, all=True):
        of_lane = found[row["lane"]]
        of_lane[row["state"]] = row["parts"]
        if row["state"] == PartState.WAITING:
            of_lane["oldest"] = row["oldest"]
        if row["state"] == PartState.DELAYED:
            of_lane["scheduled"] = row["unclaimed"]
    return found


def _lane_now(
    workers: Staffed,
    row: dict[str, Any],
    *,
    doorbells: int | None,
    canary: LaneHealth | None,
    now: datetime,
) -> LaneNow:
    oldest = row.get("oldest")
    return LaneNow(
        lane=workers.lane,
        parts_waiting=row.get("waiting", 0),
        doorbells=doorbells,
        parts_working=row.get("working", 0),
        parts_delayed=row.get("delayed", 0),
        parts_scheduled=row.get("scheduled", 0),
        parts_done_last_minute=row.get("done", 0),
        parts_held=row.get("held", 0),
        oldest_wait=None if oldest is None else now - oldest,
        slots_present=workers.present,
        staff=workers.staff,
        why_not_more=workers.why_not_more,
        canary=canary,
    )


def running_jobs(person: Person, *, limit: int = 10) -> list[Job]:
    """Return the person's school's open jobs, newest first."""
    return list(_on_home(person).filter(ended_at__isnull=True)[:limit])


def listed_kinds(person: Person) -> list[Kind]:
    """Return the kinds that the list of jobs offers to `person`: ops may also look for sign-in codes."""
    return [kind for kind in kinds() if kind.is_on_home or person.sees_operations]


def listed_jobs(person: Person, *, kind: str) -> QuerySet[Job]:
    """Return the jobs for the list of `person`; those that are off home only when ops chose their `kind`."""
    if person.sees_operations and kind in _off_home():
        chosen: QuerySet[Job] = Job.objects.visible_to(person).filter(kind=kind)
        return chosen.select_related("school", "submitted_by")
    return _on_home(person)


def listed_in(school: School) -> QuerySet[Job]:
    """Return the jobs that people of `school` find in their list."""
    jobs: QuerySet[Job] = Job.objects.filter(school=school).exclude(kind__in=_off_home())
    return jobs


def _on_home(person: Person) -> QuerySet[Job]:
    jobs: QuerySet[Job] = Job.objects.visible_to(person).exclude(kind__in=_off_home())
    return jobs.select_related("school", "submitted_by")


def _off_home() -> list[str]:
    return [kind.name for kind in kinds() if not kind.is_on_home]


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """A job that needs attention or ended with problems."""

    job: Job
    reason: str
    """The first one; a sentence, empty when only the job's page tells."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """Jobs that ended lately, with their units."""

    troubles: list[Trouble]
    others: list[Job]


def recent_troubles(*, now: datetime, limit: int = 10) -> list[Trouble]:
    """Return the jobs of all schools that failed or ended with problems in the last day, newest first."""
    return _troubles(Job.objects.select_related("school"), since=now - DAY, limit=limit)


def ended_of(person: Person, *, now: datetime, troubled: int = 5, others: int = 10) -> Ended:
    """Return the jobs that the person may see that ended lately, those with problems of a week apart.

    Problems that somebody has put away are among the others.
    """
    told, since = _with_part_error(_on_home(person)), now - 7 * DAY
    bad = _troubled(told.filter(put_away_at=None), since=since)[:troubled]
    newest = told.filter(ended_at__isnull=False)[: others + troubled]
    found = {job.pk: job for job in bad.union(newest, all=True)}  # one query; each part of it has its index
    is_bad = {
        pk for pk, job in found.items() if job.can_be_put_away and job.ended_at and job.ended_at >= since
    }
    worst = sorted(is_bad, key=lambda pk: found[pk].ended_at or since, reverse=True)[:troubled]
    rest = sorted(found.keys() - set(worst), reverse=True)[:others]
    counting.attach_units(list(found.values()))
    return Ended(troubles=_with_reasons([found[pk] for pk in worst]), others=[found[pk] for pk in rest])


def _troubles(jobs: QuerySet[Job], *, since: datetime, limit: int) -> list[Trouble]:
    found = list(_troubled(_with_part_error(jobs), since=since)[:limit])
    counting.attach_units(found)
    return _with_reasons(found)


def _with_part_error(jobs: QuerySet[Job]) -> QuerySet[Job]:
    failed = Part.objects.filter(job=OuterRef("pk"), state=PartState.FAILED).exclude(error="")
    return jobs.annotate(part_error=Subquery(failed.order_by("id").values("error")[:1]))


def _troubled(jobs: QuerySet[Job], *, since: datetime) -> QuerySet[Job]:
    return jobs.filter(state__in=TROUBLED_ENDS, ended_at__gte=since).order_by("-ended_at")


def _with_reasons(found: Sequence[Any]) -> list[Trouble]:
    reasons = {job.pk: job.error or job.part_error or "" for job in found}
    silent = [job for job in found if not reasons[job.pk]]
    reasons.update(_reasons_of_kinds(silent))
    return [Trouble(job=job, reason=reasons[job.pk]) for job in found]


def problems_of(job: Job, *, most: int) -> list[str]:
    """Return why parts of `job` failed, each reason once, and the first reason of units of done parts."""
    failed = job.parts.filter(state=PartState.FAILED).exclude(error="").order_by("error")
    reasons = list(failed.values_list("error", flat=True).distinct()[:most])
    return list(dict.fromkeys([*reasons, *_reasons_of_kinds([job]).values()]))


def _reasons_of_kinds(jobs: Sequence[Job]) -> dict[int, str]:
    by_kind: defaultdict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        by_kind[job.kind].append(job)
    reasons: dict[int, str] = {}
    for name, of_kind in by_kind.items():
        try:
            reasons.update(kind_named(name).first_reasons(of_kind))
        except UnknownKind:
            continue  # its app is gone; the job's row stays
    return reasons


def recent_failures(*, now: datetime, limit: int = 10) -> list[Part]:
    """Return the parts that failed for good in the last day in jobs that go on, newest first."""
    lately = Part.objects.filter(state=PartState.FAILED, ended_at__gte=now - DAY, job__ended_at__isnull=True)
    return list(lately.select_related("job", "job__school").order_by("-ended_at")[:limit])


def jobs_aside(*, limit: int = 20) -> list[Detour]:
    """Return the open jobs that are in slow companions now, newest first, with their jobs and schools."""
    aside = Detour.objects.filter(is_aside=True, job__ended_at=None).select_related("job", "job__school")
    return list(aside.order_by("-moved_at")[:limit])
