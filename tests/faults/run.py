"""One fault run: load and faults side by side, then rest, then the verdict."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from django.db import connection
from django.utils import timezone

from jobs import canaries
from jobs.models import Job, JobState, Part, WorkerPresence
from jobs.settings import switchyard
from tests.faults import judge, schedule
from tests.faults.clicks import Clicks, open_jobs
from tests.faults.load import Load
from tests.faults.patience import insist
from tests.faults.people import Offices
from tests.faults.probes import Probes
from tests.faults.strikes import Striker
from tests.faults.world import World

LOOK_SECONDS = 0.5
CLICK_SECONDS = 1.0
PROBE = "faults.probe"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is done."""

    seed: int
    broker: str
    seconds: float
    """While load and faults go on."""
    rounds: int
    """How often each fault is done."""
    scale: int
    """Parts, in about four hundreds."""
    large_students: int
    """Recipients of the one large mailing."""
    rest_seconds: float
    """Afterwards the run is given up when nothing has ended for so long."""
    kinds: tuple[str, ...] = schedule.ALL


def all_lanes_answer() -> bool:
    """Say whether each lane has a worker."""
    present = set(insist(lambda: list(WorkerPresence.objects.values_list("lane", flat=True))))
    return present >= set(switchyard().lanes)


def parts_by_kind() -> dict[str, int]:
    """Return how many parts of each kind there were, those of all probes as one kind."""
    kinds = Part.objects.values_list("job__kind", flat=True)
    return dict(sorted(Counter(PROBE if kind.startswith(PROBE) else kind for kind in kinds).items()))


def ended_parts() -> int:
    """Return how many parts have ended, but for canaries, which come and go."""
    return Part.objects.filter(state__in=judge.ended_states()).exclude(job__kind=canaries.KIND).count()


class Run:
    """Load, clicks and faults, each from a thread of its own."""

    def __init__(self, *, plan: Plan, world: World) -> None:
        """Draw everything from the plan's seed; the platform runs already."""
        self._plan, self._world = plan, world
        offices = Offices(large_students=plan.large_students)
        offices.listen(world.receiver)
        home = f"http://127.0.0.1:{world.web_port}"
        self._load = Load(random=Random(f"load-{plan.seed}"), home=home, offices=offices)
        self._boss = offices.mailing[0].person
        self._clicks = Clicks(random=Random(f"clicks-{plan.seed}"))
        self._probes = Probes()
        self._striker = Striker(world)
        self._errors: list[str] = []
        self._began = time.monotonic()

    def go(self) -> dict[str, object]:
        """Run and return the figures."""
        self._began = time.monotonic()
        threads = [
            threading.Thread(target=self._guarded, args=(work,), name=work.__name__)
            for work in (self._submit, self._strike, self._click)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._striker.settle()
        self._clicks.resume_all(by=self._boss)
        rested = self._rest()
        return self._figures(rested=rested)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  (it is told in the figures, and fails the run)
            self._errors.append(f"{work.__name__}: {error!r}")
        finally:
            connection.close()

    def _wait_until(self, seconds: float) -> None:
        threading.Event().wait(max(0.0, self._began + seconds - time.monotonic()))

    def _submit(self) -> None:
        for at_seconds, act in self._load.draw(scale=self._plan.scale, seconds=self._plan.seconds):
            self._wait_until(at_seconds)
            act()
            self._load.sisters.go_on()

    def _strike(self) -> None:
        plan = self._plan
        for fault in schedule.draw(
            seed=plan.seed, seconds=plan.seconds, rounds=plan.rounds, kinds=plan.kinds
        ):
            self._wait_until(fault.at_seconds)
            if strike := self._striker.strike(fault):
                self._probes.send(strike)

    def _click(self) -> None:
        while time.monotonic() < self._began + self._plan.seconds:
            self._clicks.click(by=self._boss)
            threading.Event().wait(CLICK_SECONDS)

    def _rest(self) -> float:
        """Wait until all has ended, or nothing ends any more, and return the seconds that it took."""
        began = moved_at = time.monotonic()
        ended = -1
        while time.monotonic() - moved_at < self._plan.rest_seconds:
            if ended != (now := insist(ended_parts)):
                ended, moved_at = now, time.monotonic()
            begun = self._load.sisters.go_on() or self._clicks.retry_undelivered(by=self._boss)
            if not begun and not open_jobs():
                break
            threading.Event().wait(LOOK_SECONDS)
        else:
            self._world.tell_where_all_stand()
        return time.monotonic() - began

    def _figures(self, *, rested: float) -> dict[str, object]:
        verdict = judge.judge(world=self._world, load=self._load)
        if missed := self._probes.unanswered():
            verdict.lost.append(f"{missed} probes did not end well")
        faults = Counter(strike.fault.kind for strike in self._probes.strikes)
        return {
            "seed": self._plan.seed,
            "broker": self._plan.broker,
            "jobs": Job.objects.count(),
            "parts": Part.objects.count(),
            "parts_by_kind": parts_by_kind(),
            "faults": dict(sorted(faults.items())),
            "connections_cut": sum(
                proxy.cuts
                for proxy in (self._world.mail_proxy, self._world.broker_proxy, self._world.database_proxy)
            ),
            "clicks": self._clicks.made,
            "paused": Job.objects.filter(state=JobState.PAUSED).count(),
            "lost": len(verdict.lost),
            "doubled": len(verdict.doubled),
            "wrong": len(verdict.wrong) + len(self._errors),
            "uncertain": verdict.uncertain,
            "set_aside": verdict.set_aside,
            "repeated": verdict.repeated,
            "told_again": verdict.told_again,
            "compared": dict(sorted(verdict.compared.items())),
            "rested_seconds": round(rested, 1),
            "recovery_seconds": self._probes.seconds(),
            "complaints": [*self._errors, *verdict.complaints][:50],
            "ended_at": timezone.now().isoformat(timespec="seconds"),
        }
