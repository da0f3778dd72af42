"""Kinds that act outside once a unit, in a way that can be counted afterwards, and kinds that do nothing."""

import os
from collections.abc import Iterable
from pathlib import Path
from threading import Event
from typing import Any, ClassVar

from django.conf import settings

from jobs.arguments import Arguments
from jobs.models import Job
from jobs.registry import Kind, register
from jobs.retries import PermanentFailure, RetryPolicy, TemporaryFailure
from jobs.verbs import PartPlan, WorkingPart


def act(*words: object) -> None:
    """Act outside: whoever acts says so in one line, which is safe on disk when this returns."""
    line = " ".join(map(str, words)) + "\n"
    path = Path(settings.EFFECTS_FOLDER) / "effects.log"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class EffectsArguments(Arguments):
    """What is done, and which parts fail."""

    parts: list[int]
    """The units of each."""
    pause: float
    """Seconds before each unit."""
    puts_off: list[int]
    """Places of the parts that fail at first."""
    refuses: list[int]
    """Places of the parts that fail for good."""


class Effects(Kind):
    """Acts once for each unit, under a key that the outside would know again."""

    label = "Effects"
    unit = "effects"
    arguments = EffectsArguments
    retry: ClassVar[RetryPolicy] = RetryPolicy(attempts=40, first_seconds=0.5, cap_seconds=2)

    def plan(self, job: Job) -> Iterable[PartPlan]:
        """Return the parts that the arguments name by their units."""
        parts = job.arguments["parts"]
        return [PartPlan(units=units, arguments={"place": place}) for place, units in enumerate(parts)]

    def work(self, part: WorkingPart) -> None:
        """Act for each unit; some parts fail for good, some at first only."""
        held: Any = part
        place, arguments = part.arguments["place"], part.job.arguments
        for unit in range(part.units):
            part.check()
            Event().wait(arguments["pause"])
            if place in arguments["puts_off"] and part.attempt == 1 and unit:
                message = "The outside put us off."
                raise TemporaryFailure(message)
            act("unit", part.job.pk, place, unit, held._part.fence)
            part.report(done=unit + 1)
        if place in arguments["refuses"]:
            message = "The outside refused."
            raise PermanentFailure(message)

    def finish(self, job: Job) -> None:
        """Say that the job was finished."""
        act("finish", job.pk)


@register("faults.threads")
class InThreads(Effects):
    """In a lane of threads."""


@register("faults.forks")
class InForks(Effects):
    """In a lane of forked children."""


class Stuck(Effects):
    """Keeps the interpreter's lock for hours when it is tried for the first time."""

    def work(self, part: WorkingPart) -> None:
        """Count in native code, which no signal and no thread interrupts."""
        if part.attempt == 1:
            sum(range(10**13))


@register("faults.stuck.threads")
class StuckInThreads(Stuck):
    """In a lane of threads."""


@register("faults.stuck.forks")
class StuckInForks(Stuck):
    """In a lane of forked children."""


class HungryArguments(Arguments):
    """What each part takes."""

    megabytes: list[int]


@register("faults.hungry")
class Hungry(Kind):
    """Takes memory, and the more of it the longer it lasts."""

    label = "Hungry"
    unit = "meals"
    arguments = HungryArguments

    def plan(self, job: Job) -> Iterable[PartPlan]:
        """Return a part for each figure."""
        return [PartPlan(units=1, arguments={"megabytes": each}) for each in job.arguments["megabytes"]]

    def work(self, part: WorkingPart) -> None:
        """Fill so many megabytes, as something does that grows bit by bit."""
        held = []
        for _ in range(part.arguments["megabytes"]):
            held.append(b"x" * (1 << 20))
            Event().wait(0.0005)
        act("ate", part.job.pk, len(held))


@register("faults.leaky")
class Leaky(Hungry):
    """Never gives back what it took."""

    label = "Leaky"
    kept: ClassVar[list[bytes]] = []

    def work(self, part: WorkingPart) -> None:
        """Keep so many megabytes."""
        self.kept.append(b"x" * (part.arguments["megabytes"] << 20))


@register("faults.nothing")
class Nothing(Kind):
    """Does nothing: one part, one unit."""

    label = "Nothing"
    unit = "nothings"

    def work(self, part: WorkingPart) -> None:
        """Do nothing."""


class Probe(Nothing):
    """Finds out when a lane works again."""

    label = "Probe"


for _lane in settings.SWITCHYARD["lanes"]:
    register(f"faults.probe.{_lane}")(type("LaneProbe", (Probe,), {}))
