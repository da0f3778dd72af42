"""What a process observes of its own work: counts and spans, kept in memory until somebody takes them.

Observing costs a microsecond or two and asks nobody. `jobs.tallying` takes what was observed and adds it
to the database, where all processes of all hosts add theirs.
"""

import os
import threading
from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import NamedTuple

SUM = "sum"
"""The bucket that holds the sum of all spans."""
REST = "+Inf"
"""The bucket of spans that are longer than the last bound."""


class Key(NamedTuple):
    """What one number counts."""

    measure: str
    labels: tuple[str, ...]
    bucket: str


class Tallies:
    """The numbers that this process has observed and nobody has taken yet."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._values: dict[Key, float] = {}

    def add(self, values: Mapping[Key, float]) -> None:
        """Add to the numbers."""
        with self._lock:
            for key, value in values.items():
                self._values[key] = self._values.get(key, 0.0) + value

    def take(self) -> Mapping[Key, float]:
        """Return all numbers and begin with none again."""
        with self._lock:
            taken, self._values = self._values, {}
        return taken

    def forget(self) -> None:
        """Begin anew, whoever held the lock: a forked child must not count what its parent counts too."""
        self._lock = threading.Lock()
        self._values = {}


tallies = Tallies()
os.register_at_fork(after_in_child=tallies.forget)


class Measure:
    """Something that processes observe. Its labels have few values: never a school, a job or an address."""

    buckets: tuple[str, ...] = ()
    """What spans are told apart by, ascending."""

    def __init__(self, name: str, says: str, *, labels: tuple[str, ...]) -> None:
        """Call it `name` in the metrics, with the sentence `says`."""
        self.name, self.says, self.labels = name, says, labels
        measures[name] = self


class Count(Measure):
    """How often something happened."""

    def add(self, *labels: str, times: int = 1) -> None:
        """Note that it happened, to what the `labels` say."""
        tallies.add({Key(self.name, labels, ""): times})


class Span(Measure):
    """How long something took, in seconds."""

    def __init__(
        self,
        name: str,
        says: str,
        *,
        labels: tuple[str, ...],
        bounds: tuple[float, ...],
        told: Callable[..., str] | None = None,
    ) -> None:
        """Tell spans apart by `bounds`, in seconds and ascending.

        One that may be behind an incident has words for it: `told` returns them, given the labels.
        """
        super().__init__(name, says, labels=labels)
        self.told = told
        self._bounds = bounds
        self.buckets = (*(f"{bound:g}" for bound in bounds), REST)

    def observe(self, seconds: float, *labels: str) -> None:
        """Note a span of so many `seconds`."""
        bucket = self.buckets[bisect_left(self._bounds, seconds)]
        tallies.add({Key(self.name, labels, bucket): 1, Key(self.name, labels, SUM): seconds})


measures: dict[str, Measure] = {}
"""All of them by name."""


def told_of_incidents() -> Mapping[str, Callable[..., str]]:
    """Return by measure what has words for those spans that may be behind an incident, given their labels."""
    return {name: span.told for name, span in measures.items() if isinstance(span, Span) and span.told}
