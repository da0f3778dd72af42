"""Cutting anew what waits: parts that were cut small under a limit, once that limit is another one.

See docs/decisions/0014-waiting-parts-are-cut-anew.md.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import structlog
from django.db import transaction

from jobs import drawing
from jobs.lanes import Lane
from jobs.models import IDLE_STATES, Job, Part, PartState, Step
from jobs.registry import kind_named, kinds
from jobs.settings import switchyard
from jobs.verbs import PartPlan

log = structlog.get_logger()

MOST_PARTS = 10_000
"""Parts that one transaction cuts anew at most; the next one goes on."""
MOST_JOBS = 5
"""Jobs that one turn looks at."""
AGAIN = timedelta(seconds=10)
"""The time between two looks at a job of which a look changed something, or which met an error."""
BATCH_ROWS = 1000
BEING_PLANNED = {"step": Step.PLAN, "fence__gt": 0, "state__in": (*IDLE_STATES, PartState.WORKING)}
UNTOUCHED = {"step": Step.WORK, "is_revived": False, "fence": 0}
"""Parts that a plan made and nobody has claimed yet."""
WAITING = (PartState.WAITING, PartState.HELD)


class Recutter:
    """Follows the limits of the lanes, and looks at the open jobs of one whose limits have changed.

    One that has just begun does not know what the limits were, and looks at all.
    """

    def __init__(self) -> None:
        """Know no limits yet."""
        self._limits: dict[str, str] = {}
        self._due: dict[int, datetime] = {}
        """By job: when it is looked at. Who was looked at stands behind all others."""

    def take_turn(self, *, now: datetime) -> None:
        """Look at a few jobs that are due; call it once a second."""
        for lane in switchyard().lanes.values():
            limits = drawing.limits_now(lane)
            if self._limits.get(lane.name) != limits:
                self._due |= dict.fromkeys(_jobs_in(lane), now)
                self._limits[lane.name] = limits
        for job in [job for job, due_at in self._due.items() if due_at <= now][:MOST_JOBS]:
            del self._due[job]
            self._due[job] = now + AGAIN
            if cut_anew(job):
                del self._due[job]


def _jobs_in(lane: Lane) -> list[int]:
    names = [kind.name for kind in kinds() if kind.cuts_anew]
    jobs = Job.objects.filter(lane=lane.name, kind__in=names, ended_at=None)
    return list(jobs.order_by("pk").values_list("pk", flat=True))


def cut_anew(job_id: int) -> bool:
    """Let what waits of a job be in as few parts as its kind would cut now; return whether it was so before.

    If not, look again later: large parts may teach that units cost less than small ones taught. So it is
    while the job is being planned; one of which nobody has begun to plan it is cut as it should be then.
    """
    last: int | None = 0
    fewer = 0
    while last is not None:
        with transaction.atomic():
            job = Job.objects.select_for_update().filter(pk=job_id, ended_at=None).first()
            if job is None:
                return True
            if job.parts.filter(**BEING_PLANNED).exists():
                return False
            before = job.parts_open
            last = _cut_anew(job, after=last)
            fewer += before - job.parts_open
    return not fewer


def _cut_anew(job: Job, *, after: int) -> int | None:
    """Cut anew the next `MOST_PARTS` parts of the locked `job`; return the last one's id, None for all."""
    untouched = job.parts.filter(**UNTOUCHED, state__in=WAITING, pk__gt=after).order_by("pk")
    parts = list(untouched.select_for_update()[:MOST_PARTS])
    if not parts:
        return None
    fewer = sum(_fewer(job, neighbours) for neighbours in _neighbours(job, parts))
    if fewer:
        job.parts_open -= fewer
        job.save(update_fields=["parts_open"])
        log.info("parts_cut_anew", job=job.pk, kind=job.kind, lane=job.lane, fewer=fewer)
    return parts[-1].pk if len(parts) == MOST_PARTS else None


def _neighbours(job: Job, parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Yield those of `parts` that are of one state and follow each other, with no other part between them."""
    known = {part.pk: part for part in parts}
    among = job.parts.filter(step=Step.WORK, pk__range=(parts[0].pk, parts[-1].pk)).order_by("pk")
    for state, ids in groupby(among.values_list("pk", flat=True), lambda pk: pk in known and known[pk].state):
        if state:
            yield [known[pk] for pk in ids]


def _fewer(job: Job, parts: Sequence[Part]) -> int:
    """Cut neighbours anew where that makes them fewer, and return by how many."""
    plans = kind_named(job.kind).cut_anew(job, parts)
    is_whole = sum(plan.units for plan in plans) == sum(part.units for part in parts)
    if not is_whole or len(plans) >= len(parts):
        return 0
    _replace(parts, plans=plans)
    return len(parts) - len(plans)


def _replace(parts: Sequence[Part], *, plans: Sequence[PartPlan]) -> None:
    """Let the first of `parts` be what `plans` say, in this order, and delete the others."""
    for part, plan in zip(parts, plans, strict=False):
        part.units, part.bytes, part.arguments = plan.units, plan.bytes, dict(plan.arguments)
    changed, needless = parts[: len(plans)], parts[len(plans) :]
    Part.objects.bulk_update(changed, ["units", "bytes", "arguments"], batch_size=BATCH_ROWS)
    Part.objects.filter(pk__in=[part.pk for part in needless]).delete()
