"""What the last hours brought: the jobs, when they came, and what their parts cost."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import QuerySet

from jobs.models import Job, Part, PartState, Step
from jobs.registry import names_to_submit
from jobs.settings import Switchyard
from jobs.simulation import Piece

MOST_PARTS = 20_000
"""Parts that are read at most, half a second's simulation: then the traffic begins later."""
COLUMNS = (
    *("job_id", "step", "state", "seconds", "units", "bytes", "service"),
    *("ready_at", "attempt", "claimed_at", "ended_at"),
)
STEPS = (Step.PLAN, Step.WORK, Step.FINISH)


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What one job brought: its place in time, its size and what its parts cost."""

    job: Job
    at: float
    """Seconds since the traffic's begin."""
    stages: list[list[Piece]]
    hand_over_seconds: Sequence[float] = ()
    """What each of its parts held a worker beside the verb's own time: claiming it, writing how it ended."""

    @property
    def seconds(self) -> float:
        """Worker seconds of all its parts."""
        return sum(piece.seconds for stage in self.stages for piece in stage)

    @property
    def unit_seconds(self) -> float:
        """Worker seconds of one unit."""
        units = sum(piece.units for stage in self.stages for piece in stage)
        return self.seconds / max(units, 1)


def begin_of(*, now: datetime, hours: float) -> tuple[datetime, bool]:
    """Return since when jobs are read, and whether that is later than `hours` ago because they are many."""
    since = now - timedelta(hours=hours)
    newest = Part.objects.filter(job__in=_submitted(since)).order_by("-job__created_at")
    first_too_many = newest.values_list("job__created_at", flat=True)[MOST_PARTS : MOST_PARTS + 1]
    for at in first_too_many:
        return at + timedelta(microseconds=1), True
    return since, False


def traffic_since(since: datetime, *, settings: Switchyard) -> list[Traffic]:
    """Return the jobs submitted from `since` on, in their order; canaries are no traffic.

    Parts that were done cost what they cost; others cost what a unit of their kind cost at the median, or
    their lane's `part_seconds` where none was done.
    """
    jobs = {job.pk: job for job in _submitted(since).order_by("created_at", "pk")}
    found = _Found(jobs, settings=settings)
    parts = Part.objects.filter(job__in=_submitted(since)).exclude(state=PartState.RETIRED).order_by("pk")
    for part in parts.only(*COLUMNS):
        if part.job_id in jobs:  # else it was submitted since the jobs were read
            found.add(part)
    found.reckon()
    return [
        Traffic(
            job=job,
            at=(found.begins.get(job.pk, job.created_at) - since).total_seconds(),
            stages=[found.stages[job.pk][step] for step in STEPS],
            hand_over_seconds=found.hand_overs[job.pk],
        )
        for job in jobs.values()
    ]


def _submitted(since: datetime) -> QuerySet[Job]:
    """Return the jobs that routes lead: not the platform's own, nor those of an app that is gone."""
    jobs: QuerySet[Job] = Job.objects.filter(created_at__gte=since, kind__in=names_to_submit()).order_by()
    return jobs


class _Found:
    """The pieces of work that the parts of `jobs` were, by job and step."""

    def __init__(self, jobs: Mapping[int, Job], *, settings: Switchyard) -> None:
        self._jobs = jobs
        self._settings = settings
        self._undone: list[tuple[Job, str, Piece]] = []
        self.stages: defaultdict[int, defaultdict[str, list[Piece]]] = defaultdict(lambda: defaultdict(list))
        self.begins: dict[int, datetime] = {}
        """By job: when its first part could start; a scheduled job's time, else its submission."""
        self.hand_overs: defaultdict[int, list[float]] = defaultdict(list)

    def add(self, part: Part) -> None:
        """Note what a part cost, when it could start, and what it held its worker beside its own seconds."""
        job = self._jobs[part.job_id]
        self.begins[job.pk] = min(self.begins.get(job.pk, part.ready_at), part.ready_at)
        piece = Piece(seconds=part.seconds, units=part.units, bytes=part.bytes, service=part.service)
        if part.state == PartState.DONE:
            self.stages[job.pk][part.step].append(piece)
        else:
            self._undone.append((job, part.step, piece))
        if part.claimed_at is not None and part.ended_at is not None and part.attempt == 1:
            held = (part.ended_at - part.claimed_at).total_seconds()
            self.hand_overs[job.pk].append(max(0.0, held - part.seconds))

    def reckon(self) -> None:
        """Add the pieces that are not done yet, at the cost of those of their kind that are."""
        usual = self._usual_unit_seconds()
        for job, step, piece in self._undone:
            lane = self._settings.lanes.get(job.lane)
            guess = lane.part_seconds if lane else 0.0
            cost = usual[job.kind] * piece.units if step == Step.WORK and job.kind in usual else guess
            self.stages[job.pk][step].append(replace(piece, seconds=max(piece.seconds, cost)))

    def _usual_unit_seconds(self) -> dict[str, float]:
        costs: defaultdict[str, list[float]] = defaultdict(list)
        for job_id, of_job in self.stages.items():
            done = of_job.get(Step.WORK, [])
            costs[self._jobs[job_id].kind] += [piece.seconds / piece.units for piece in done if piece.units]
        return {kind: statistics.median(of_kind) for kind, of_kind in costs.items() if of_kind}
