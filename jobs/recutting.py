"""Cutting anew what waits: parts that were cut small under a limit, once that limit is another one.

See docs/decisions/0014-waiting-parts-are-cut-anew.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

import structlog
from django.db import transaction

from jobs import drawing
from jobs.models import Job, Part, PartState, Step
from jobs.observing import Rhythm
from jobs.registry import kind_named, kinds
from jobs.settings import switchyard
from jobs.verbs import PartPlan

log = structlog.get_logger()

MOST_PARTS = 10_000
"""Parts that one transaction cuts anew at most; the next one goes on."""
MOST_JOBS = 50
"""Jobs of a lane that one turn looks at."""
AGAIN_SECONDS = 10
"""The time between two looks at jobs of which a look changed something."""
BATCH_ROWS = 1000
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
        self._looked_at: dict[str, int] = {}
        """By lane that is looked at now: the last job that was."""
        self._unsettled: set[int] = set()
        self._again = Rhythm(self._look_again, pause_seconds=lambda: AGAIN_SECONDS)

    def take_turn(self, *, now: datetime) -> None:
        """Look at what is due; call it once a second."""
        for lane in switchyard().lanes.values():
            limits = drawing.limits_now(lane)
            if self._limits.get(lane.name) != limits:
                self._limits[lane.name], self._looked_at[lane.name] = limits, 0
        self._again.take_turn(now=now)
        self._look(self._next_jobs())

    def _look(self, jobs: Iterable[Job]) -> None:
        self._unsettled.update(job.pk for job in jobs if not cut_anew(job))

    def _look_again(self, *, now: datetime) -> None:  # noqa: ARG002 - a rhythm tells it
        unsettled, self._unsettled = self._unsettled, set()
        if unsettled:
            self._look(list(Job.objects.filter(pk__in=unsettled, ended_at=None)))

    def _next_jobs(self) -> Iterator[Job]:
        names = [kind.name for kind in kinds() if kind.cuts_anew]
        for lane, last in list(self._looked_at.items()):
            open_jobs = Job.objects.filter(lane=lane, kind__in=names, ended_at=None, pk__gt=last)
            jobs = list(open_jobs.order_by("pk")[:MOST_JOBS])
            if len(jobs) < MOST_JOBS:
                del self._looked_at[lane]
            else:
                self._looked_at[lane] = jobs[-1].pk
            yield from jobs


def cut_anew(job: Job) -> bool:
    """Let what waits of `job` be in as few parts as its kind would cut now; return whether it was so before.

    If not, look again later: large parts may teach that units cost less than small ones taught. So it is
    while the job is still being planned.
    """
    last: int | None = 0
    fewer = 0
    while last is not None:
        with transaction.atomic():
            locked = Job.objects.select_for_update().get(pk=job.pk)
            if locked.has_ended:
                return True
            if locked.parts.filter(step=Step.PLAN).exclude(state=PartState.DONE).exists():
                return False
            before = locked.parts_open
            last = _cut_anew(locked, after=last)
            fewer += before - locked.parts_open
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
