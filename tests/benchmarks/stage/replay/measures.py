"""What a replay measures: waits of codes by phase, times of jobs, and who used the processors."""

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

Figures = dict[str, Any]
CORES = os.cpu_count() or 1
LEAST_SHARE = 0.002
"""Programs that used less of the processors are not told."""


@dataclass
class Phase:
    """A span of a run in which one side had one load."""

    side: str
    name: str
    began_at: float = 0
    """By the wall's clock, as all stamps are."""
    ended_at: float = 0
    cpu: dict[str, float] = field(default_factory=dict)
    """Share of the machine's processors, by program; "everybody" has what is not ours too."""
    cpu_wait: dict[str, float] = field(default_factory=dict)
    """By program: the share of its ready time in which it waited for a processor that others had."""


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest of `values` that `share` of them do not exceed; of none, 0."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0


def spread(seconds: Sequence[float]) -> Figures:
    """Return count, p50, p99 and longest, in milliseconds."""
    found = {
        "p50_ms": quantile(seconds, 0.5),
        "p99_ms": quantile(seconds, 0.99),
        "most_ms": max(seconds, default=0),
    }
    return {"count": len(seconds), **{name: round(value * 1000, 1) for name, value in found.items()}}


@dataclass(frozen=True, kw_only=True)
class Stamps:
    """The files in which desk, workers and outside write down their times."""

    folder: Path

    @property
    def flag(self) -> Path:
        """Names the side that the desk asks."""
        return self.folder / "desk.flag"

    @property
    def asked(self) -> Path:
        """Code, time before, time after, address."""
        return self.folder / "asked"

    @property
    def begun(self) -> Path:
        """Code, time."""
        return self.folder / "begun"

    @property
    def accepted(self) -> Path:
        """Address, time."""
        return self.folder / "accepted"

    def waits(self, phases: Sequence[Phase]) -> dict[str, list[float]]:
        """Return the waits of the codes asked for in `phases`, in seconds, until begun and until accepted.

        One that was never begun or accepted counts with its time until the phase's end at least.
        """
        begun = {words[0]: float(words[1]) for words in _lines(self.begun)}
        accepted: dict[str, list[float]] = {}
        for address, at in _lines(self.accepted):
            accepted.setdefault(address, []).append(float(at))
        waits: dict[str, list[float]] = {"begun": [], "accepted": []}
        for code, before, _, address in _lines(self.asked):
            asked = float(before)
            phase = next((phase for phase in phases if phase.began_at <= asked < phase.ended_at), None)
            if phase is not None:
                taken = (at for at in accepted.get(address, []) if at > asked)
                waits["begun"].append(begun.get(code, phase.ended_at) - asked)
                waits["accepted"].append(min(taken, default=phase.ended_at) - asked)
        return waits

    def first_acceptance(self, *, after: float) -> float | None:
        """Return when the first code was accepted `after` a time; None when none was yet."""
        return min((float(at) for _, at in _lines(self.accepted) if float(at) > after), default=None)


def _lines(path: Path) -> Iterator[list[str]]:
    return (line.split() for line in (path.read_text().splitlines() if path.exists() else ()))


class Processors:
    """Who uses the processors, by what its command line says."""

    def __init__(self, *, group: int, words: Callable[[list[str]], str]) -> None:
        """Watch the process group `group` and this process; `words` names a program by its command line."""
        self._group, self._words = group, words

    @contextmanager
    def watching(self, phase: Phase) -> Iterator[None]:
        """Write the shares of the block into `phase`."""
        before, busy, began = self._used(), _busy(), time.monotonic()
        yield
        seconds, used = time.monotonic() - began, {}
        waited: dict[str, float] = {}
        for pid, (name, cpu, wait) in self._used().items():
            earlier = before.get(pid, (name, 0.0, 0.0))
            used[name] = used.get(name, 0.0) + cpu - earlier[1]
            waited[name] = waited.get(name, 0.0) + wait - earlier[2]
        phase.cpu = {name: round(cpu / seconds / CORES, 3) for name, cpu in used.items()}
        phase.cpu["everybody"] = round((_busy() - busy) / seconds / CORES, 3)
        phase.cpu = {name: share for name, share in phase.cpu.items() if share >= LEAST_SHARE}
        phase.cpu_wait = {
            name: round(waited[name] / (waited[name] + cpu), 3)
            for name, cpu in used.items()
            if name in phase.cpu
        }

    def spent(self, *programs: str) -> float:
        """Return the seconds that the `programs` have run so far; what has ended is forgotten."""
        return sum(cpu for name, cpu, _ in self._used().values() if name in programs)

    def _used(self) -> dict[int, tuple[str, float, float]]:
        found = {}
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if self._is_ours(process):
                    found[process.pid] = (self._name(process), *_scheduled(process.pid))
        return found

    def _is_ours(self, process: psutil.Process) -> bool:
        # PostgreSQL's own children each lead a group of their own.
        groups = (os.getpgid(process.pid), os.getpgid(process.ppid() or 1))
        return self._group in groups or process.pid == os.getpid()

    def _name(self, process: psutil.Process) -> str:
        return "driver" if process.pid == os.getpid() else self._words(process.cmdline())


def _scheduled(pid: int) -> tuple[float, float]:
    """Return the seconds that all threads of `pid` ran and the seconds that they waited to run."""
    ran = waited = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        words = (task / "schedstat").read_text().split()
        ran, waited = ran + int(words[0]), waited + int(words[1])
    return ran / 1e9, waited / 1e9


def _busy() -> float:
    """Return the seconds that the machine's processors worked."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)
