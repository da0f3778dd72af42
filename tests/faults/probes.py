"""How long after a fault its lanes worked again."""

from collections import defaultdict
from functools import partial
from statistics import median

from django.db import transaction
from django.db.models import Min, Q

from jobs.models import Attempt, Job, JobState, Part
from jobs.submission import submit
from tests.faults.patience import insist
from tests.faults.people import probe_school
from tests.faults.strikes import Strike

PRIORITY = 100


class Probes:
    """Jobs that do nothing, submitted when a fault was done, ahead of everybody else's."""

    def __init__(self) -> None:
        """Start without any."""
        self._strikes: list[tuple[Strike, list[int]]] = []

    @property
    def strikes(self) -> list[Strike]:
        """The faults that were done."""
        return [strike for strike, _ in self._strikes]

    def send(self, strike: Strike) -> None:
        """Submit one to each lane that `strike` broke."""
        number = len(self._strikes)
        jobs = [insist(partial(self._submit, lane=lane, number=number)).pk for lane in strike.lanes]
        self._strikes.append((strike, jobs))

    def _submit(self, *, lane: str, number: int) -> Job:
        with transaction.atomic():
            return submit(
                kind=f"faults.probe.{lane}",
                school=probe_school(),
                by=None,
                arguments={},
                key=f"probe-{number}",
                priority=PRIORITY,
            )

    def seconds(self) -> dict[str, dict[str, float]]:
        """Return the seconds to recover by kind of fault, as median and longest."""
        found: dict[str, list[float]] = defaultdict(list)
        for strike, jobs in self._strikes:
            found[strike.fault.kind].append(max(*(_answered(strike, jobs)), *_freed(strike), 0.0))
        return {
            kind: {"median": round(median(spans), 1), "max": round(max(spans), 1)}
            for kind, spans in sorted(found.items())
        }

    def unanswered(self) -> int:
        """Return how many probes did not end well."""
        jobs = [pk for _, of_strike in self._strikes for pk in of_strike]
        return Job.objects.filter(pk__in=jobs).exclude(state=JobState.DONE).count()


def _answered(strike: Strike, jobs: list[int]) -> list[float]:
    """Return the seconds until each lane did its probe."""
    ended = Job.objects.filter(pk__in=jobs, ended_at__isnull=False).values_list("ended_at", flat=True)
    return [0.0, *((at - strike.over_at).total_seconds() for at in ended)]


def _freed(strike: Strike) -> list[float]:
    """Return the seconds until each part that the victim held was ended or offered again."""
    spans = []
    for pk, fence in strike.parts:
        part = Part.objects.filter(pk=pk).first()
        if part is None:  # a canary's, whose job is kept for a minute only
            continue
        given = Attempt.objects.filter(Q(part=pk), ended_at__gte=strike.at).aggregate(at=Min("ended_at"))[
            "at"
        ]
        ends = [at for at in (given, part.ended_at if part.fence == fence else None) if at is not None]
        spans += [(min(ends) - strike.at).total_seconds()] if ends else []
    return spans
