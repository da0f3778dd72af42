"""How each fault is done, and which parts it hit."""

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psutil
from django.utils import timezone

from jobs import canaries
from jobs.models import Part, PartState
from jobs.settings import switchyard
from tests.faults.patience import insist
from tests.faults.schedule import Fault
from tests.faults.servers import kill_tree
from tests.faults.world import World

FROZEN_SECONDS = 11.0
"""Longer than a lease, and than a webhook is waited for."""
SHORT_SECONDS = 4.0
UNANSWERED = 3
PREFORK = ("packets@", "uploads@")


@dataclass(kw_only=True)
class Strike:
    """A fault that was done."""

    fault: Fault
    at: datetime
    over_at: datetime
    """When what was broken had been put right, as far as the suite does that itself."""
    lanes: tuple[str, ...]
    """The lanes whose work was broken; probes find out when they work again."""
    parts: list[tuple[int, int]] = field(default_factory=list)
    """Id and number of attempt of the parts that the victim held."""


class Striker:
    """Does faults to a world."""

    def __init__(self, world: World) -> None:
        """Prepare for `world`."""
        self._world = world
        self._timers: list[threading.Timer] = []

    def strike(self, fault: Fault) -> Strike | None:
        """Do `fault` and return what it hit; None when there was no victim at this moment."""
        begin = timezone.now()
        lanes, parts = tuple(switchyard().lanes), []
        if fault.kind in {"child", "worker", "worker_asked", "worker_frozen"}:
            name = self._victim(fault)
            if name is None:
                return None
            lanes = (name.partition("@")[0],)
            parts = held_by(name)
            seconds = self._strike_worker(fault, name)
        else:
            seconds = self._strike_other(fault)
        over_at = timezone.now() + timedelta(seconds=seconds)
        return Strike(fault=fault, at=begin, over_at=over_at, lanes=lanes, parts=parts)

    def settle(self) -> None:
        """Wait until nothing is frozen any more."""
        for timer in self._timers:
            timer.join()

    def _victim(self, fault: Fault) -> str | None:
        """Return the name of a worker, rather one that is at work."""
        names = sorted(self._world.workers())
        if fault.kind == "child":
            names = [name for name in names if name.startswith(PREFORK)]
        at_work = insist(
            lambda: set(Part.objects.filter(state=PartState.WORKING).values_list("worker", flat=True))
        )
        names = [name for name in names if name in at_work] or names
        return names[int(fault.chance * len(names))] if names else None

    def _strike_worker(self, fault: Fault, name: str) -> float:
        process = self._world.workers().get(name)
        if process is None:
            return 0
        strikes: dict[str, Callable[[], object]] = {
            "child": lambda: kill_child(process, chance=fault.chance),
            "worker": process.kill,
            "worker_asked": process.terminate,
            "worker_frozen": lambda: self._freeze([process, *process.children()]),
        }
        with suppress(psutil.NoSuchProcess):
            strikes[fault.kind]()
        return FROZEN_SECONDS if fault.kind == "worker_frozen" else 0

    def _freeze(self, processes: list[psutil.Process]) -> None:
        for process in processes:
            process.suspend()

        def go_on() -> None:
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

        timer = threading.Timer(FROZEN_SECONDS, go_on)
        timer.start()
        self._timers.append(timer)

    def _strike_other(self, fault: Fault) -> float:
        world = self._world
        strikes: dict[str, Callable[[], object]] = {
            "supervisor": lambda: self._kill("supervisor"),
            "web": lambda: self._kill("web"),
            "broker_kept": lambda: world.broker.kill_and_start(keeps_data=True),
            "broker_lost": lambda: world.broker.kill_and_start(keeps_data=False),
            "postgres_fast": lambda: world.database.restart(signal.SIGINT),
            "postgres_immediate": lambda: world.database.restart(signal.SIGQUIT),
            "mail_before_dot": lambda: world.mail_proxy.dots_to_cut.append("before"),
            "mail_after_dot": lambda: world.mail_proxy.dots_to_cut.append("after"),
            "mail_delayed": self._delay_mail,
            "mail_frozen": lambda: world.mail_proxy.freeze(SHORT_SECONDS),
            "broker_cut": world.broker_proxy.cut,
            "broker_frozen": lambda: world.broker_proxy.freeze(SHORT_SECONDS),
            "broker_forgotten": world.broker_proxy.forget,
            "postgres_forgotten": world.database_proxy.forget,
            "postgres_cut": world.database_proxy.cut,
            "postgres_frozen": lambda: world.database_proxy.freeze(SHORT_SECONDS),
            "webhooks_unanswered": lambda: world.receiver.leave_unanswered(UNANSWERED, seconds=SHORT_SECONDS),
            "webhooks_refused": lambda: world.receiver.refuse(SHORT_SECONDS),
            "webhooks_hung": lambda: world.receiver.hang(FROZEN_SECONDS),
        }
        strikes[fault.kind]()
        return SHORT_SECONDS if fault.kind.endswith(("_frozen", "_delayed")) else 0

    def _kill(self, name: str) -> None:
        process = self._world.process(name)
        if process is None:
            return
        with suppress(psutil.NoSuchProcess):
            # The workers of a killed supervisor work on and are adopted; a web server is killed whole.
            kill_tree(process) if name == "web" else process.kill()

    def _delay_mail(self) -> None:
        proxy = self._world.mail_proxy
        proxy.delay_seconds = 0.3
        timer = threading.Timer(SHORT_SECONDS, lambda: setattr(proxy, "delay_seconds", 0.0))
        timer.start()
        self._timers.append(timer)


def kill_child(process: psutil.Process, *, chance: float) -> None:
    """Kill one of the children of a worker, or itself when it has none now."""
    children = process.children() or [process]
    children[int(chance * len(children))].kill()


def held_by(worker: str) -> list[tuple[int, int]]:
    """Return id and number of attempt of the parts that `worker` works on, but for canaries."""

    def look() -> list[tuple[int, int]]:
        parts = Part.objects.filter(state=PartState.WORKING, worker=worker)
        return list(parts.exclude(job__kind=canaries.KIND).values_list("pk", "fence"))

    return insist(look)
