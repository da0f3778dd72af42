"""The worker processes that are present, with their memory, and those that others took the place of."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from jobs.measures import WORKERS_REPLACED
from jobs.models import Tally, WorkerPresence
from jobs.presence import PRESENT

WORDS: Mapping[tuple[str, str], str] = {
    ("child", "parts"): "{times} for the parts that they had done",
    ("child", "memory"): "{times} for their memory",
    ("child", "ceiling"): "{times} for a part that wanted more memory than one may take",
    ("worker", "memory"): "{times} whole workers for their memory",
}
"""How often processes were replaced, by what they were and why."""


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """How often processes of one lane were replaced, since the platform began to count."""

    lane: str
    told: str
    """How often and why, as the end of a sentence."""


def present(*, now: datetime) -> "QuerySet[WorkerPresence]":
    """Return the worker processes of all hosts, by lane."""
    return WorkerPresence.objects.filter(beat_at__gte=now - PRESENT).order_by("lane", "name")


def replaced() -> list[Replaced]:
    """Return what is known of processes that were replaced, by lane."""
    told: defaultdict[str, list[str]] = defaultdict(list)
    counts = Tally.objects.filter(measure=WORKERS_REPLACED.name).order_by("labels")
    for labels, value in counts.values_list("labels", "value"):
        lane, process, why = json.loads(labels)
        if words := WORDS.get((process, why)):
            told[lane].append(words.format(times=f"{value:,.0f}"))
    return [Replaced(lane=lane, told=", ".join(reasons)) for lane, reasons in told.items()]
