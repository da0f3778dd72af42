"""The worker processes of all hosts, with their memory and supervisors, and those that were replaced."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jobs.amounts import count
from jobs.language import Words, gettext_lazy
from jobs.measures import WORKERS_REPLACED
from jobs.models import KeptLane, Tally, WorkerPresence
from jobs.presence import PRESENT, host_of
from jobs.roster import Watch

WORDS: Mapping[tuple[str, str], Words] = {
    ("child", "parts"): gettext_lazy("{times} for the parts that they had done"),
    ("child", "memory"): gettext_lazy("{times} for their memory"),
    ("child", "ceiling"): gettext_lazy("{times} for a part that wanted more memory than one may take"),
    ("worker", "memory"): gettext_lazy("{workers} that had too much memory"),
}
"""How often processes were replaced, by what they were and why."""


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """How often processes of one lane were replaced, since the platform began to count."""

    lane: str
    told: str
    """How often and why, as the end of a sentence."""


@dataclass(frozen=True, kw_only=True)
class WorkerProcess:
    """A worker process that is present, or that a supervisor keeps at work, or both."""

    host: str
    lane: str
    name: str
    """Empty where a supervisor has none at this moment."""
    presence: WorkerPresence | None
    """None where it says nothing: it has ended, or is not ready yet."""
    kept: KeptLane | None
    """What the supervisor of its lane tells, on its host; None where none has told of the lane."""
    has_supervisor: bool
    """Whether that supervisor lives."""

    @property
    def told(self) -> KeptLane | None:
        """What the supervisor tells of this very process; None while it is at the place of another one."""
        return self.kept if self.kept is not None and self.kept.worker == self.name else None


def known(watch: Watch, *, now: datetime) -> list[WorkerProcess]:
    """Return the worker processes of all hosts, by lane: those present, and those of `watch`."""
    there = {
        (worker.lane, host_of(worker.name), worker.name): worker
        for worker in WorkerPresence.objects.filter(beat_at__gte=now - PRESENT)
    }
    kept = {(lane.lane, lane.host): lane for lane in watch.kept}
    told = {(*place, lane.worker) for place, lane in kept.items()}
    return [
        WorkerProcess(
            lane=lane,
            host=host,
            name=name,
            presence=there.get((lane, host, name)),
            kept=keeper,
            has_supervisor=keeper is not None and watch.is_heard(keeper),
        )
        for lane, host, name in sorted(told | there.keys())
        for keeper in [kept.get((lane, host))]
    ]


def replaced() -> list[Replaced]:
    """Return what is known of processes that were replaced, by lane."""
    told: defaultdict[str, list[str]] = defaultdict(list)
    counts = Tally.objects.filter(measure=WORKERS_REPLACED.name).order_by("labels")
    for labels, value in counts.values_list("labels", "value"):
        lane, process, why = json.loads(labels)
        if words := WORDS.get((process, why)):
            told[lane].append(
                words.format(times=f"{value:,.0f}", workers=count(round(value), "whole worker"))
            )
    return [Replaced(lane=lane, told=", ".join(reasons)) for lane, reasons in told.items()]
