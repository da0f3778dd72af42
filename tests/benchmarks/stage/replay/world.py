"""The processes of a replay: servers, the outside, the desk, our workers, and the baselines'."""

import json
import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
from switchyard.yard.group import Group
from switchyard.yard.ports import LOOPBACK, free_ports
from switchyard.yard.programs import Program, wait_until_ready

from tests.benchmarks.stage.replay.measures import Phase, Processors, Stamps
from tests.benchmarks.stage.world import ROOT, servers, start_valkey

HERE = "tests.benchmarks.stage.replay"
START_SECONDS = 120
LOOK_SECONDS = 0.1


class World:
    """Everything that runs."""

    def __init__(self, *, group: Group, folder: Path) -> None:
        """Start the outside; PostgreSQL runs already."""
        self.group = group
        self.stamps = Stamps(folder=folder)
        self._desk: Any = None
        self.relay_port, self.host_port, self._control_port = free_ports(3)
        os.environ.update(
            DJANGO_SETTINGS_MODULE="tests.benchmarks.stage.replay.settings",
            PYTHONPATH=f"{ROOT / 'platform'}:{ROOT}",
            SWITCHYARD_VAR=str(folder / "var"),
            SWITCHYARD_DEMO="on",
            MAIL_RELAY_HOST=LOOPBACK,
            MAIL_RELAY_PORT=str(self.relay_port),
            WEBHOOK_PRIVATE_HOSTS=LOOPBACK,
            REPLAY_STAMPS=str(self.stamps.begun),
            BROKER_URL=start_valkey(group, folder / "valkey"),
        )
        os.environ["REPLAY_BROKER_URL"] = os.environ["BROKER_URL"]
        options = {"relay": self.relay_port, "host": self.host_port, "control": self._control_port}
        words = [f"--{name}={value}" for name, value in options.items()]
        record = f"--record={self.stamps.accepted}"
        outside = self._start("outside", "-m", f"{HERE}.outside", *words, record)
        wait_until_ready([outside], seconds=START_SECONDS)
        self.processors = Processors(group=group.id, words=program_of)

    def prepare(self) -> None:
        """Make the tables."""
        import django  # noqa: PLC0415  (it wants the addresses that are known now)

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415  (as above)

        call_command("migrate", verbosity=0)

    def _start(self, name: str, *words: str) -> Any:
        ready: Callable[[], bool] = self._outside_answers if name == "outside" else lambda: True
        environment = dict(os.environ)
        if "celery" in words:
            del environment["BROKER_URL"]  # Celery's command line would take it for every application
        program = Program(
            name=name, command=[sys.executable, *words], environment=environment, is_ready=ready
        )
        return self.group.start(program)

    def start_ours(self, lanes: Sequence[str]) -> None:
        """Start the supervisor and a worker for each of `lanes`, and wait until they answer."""
        from tests.benchmarks.stage.replay import sides  # noqa: PLC0415  (sets Django up with the addresses)

        manage = str(ROOT / "manage.py")
        started = [self._start("supervisor", manage, "supervisor", "--without-workers")]
        started += [self._start(f"worker-{lane}", manage, "worker", lane) for lane in lanes]
        self._wait(lambda: sides.lanes_present() >= set(lanes), started)

    def start_baselines(self, names: Sequence[str], *, slots: int) -> None:
        """Start a Celery worker with `slots` for each of the baselines `names`; wait until they answer."""
        from tests.benchmarks.stage.replay import sides  # noqa: PLC0415  (sets Django up with the addresses)

        started = [
            self._start_celery(name, app=f"{HERE}.stripped:{name}", pool="prefork", slots=slots)
            for name in names
        ]
        apps = [sides.BASELINES[name] for name in names]
        self._wait(lambda: all(app.control.ping(timeout=0.5) for app in apps), started)

    def start_threads(self, *, slots: int) -> None:
        """Start a Celery worker with so many threads, at our workers' niceness; wait until it answers."""
        from jobs.worker import NICENESS  # noqa: PLC0415  (as above)
        from tests.benchmarks.stage.replay import bare, sides  # noqa: PLC0415

        started = self._start_celery(
            sides.THREADS, app=f"{bare.__name__}:{sides.THREADS}", pool="threads", slots=slots
        )
        psutil.Process(started.process.pid).nice(NICENESS)
        self._wait(lambda: bool(bare.threads.control.ping(timeout=0.5)), [started])

    def _start_celery(self, name: str, *, app: str, pool: str, slots: int) -> Any:
        options = (f"--pool={pool}", f"--concurrency={slots}", f"--hostname={name}@bench")
        quiet = ("--without-mingle", "--without-gossip", "--loglevel=WARNING")
        return self._start(f"celery-{name}", "-m", "celery", "-A", app, "worker", *options, *quiet)

    def start_straight(self, jobs: Sequence[Any], *, slots: int) -> Any:
        """Start the doing of the jobs' parts without a platform."""
        ids = [str(job.pk) for job in jobs]
        return self._start("straight", "-m", f"{HERE}.straight", f"--slots={slots}", *ids)

    def start_desk(self, *, every_seconds: float) -> None:
        """Start the desk; it asks nobody yet. Its people are there already."""
        stamps = self.stamps
        options = [f"--flag={stamps.flag}", f"--asked={stamps.asked}", f"--every={every_seconds}"]
        self._desk = self._start("desk", "-m", f"{HERE}.desk", *options)
        self._wait(stamps.flag.with_suffix(".ready").exists, [self._desk])

    def _wait(self, is_there: Callable[[], bool], children: Sequence[Any]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not is_there():
            for child in children:
                child.require_alive()
            if time.monotonic() > deadline:
                message = "\n".join(child.last_lines() for child in children)
                raise TimeoutError(message)
            time.sleep(LOOK_SECONDS)

    def outside(self, **manners: float | bool) -> dict[str, int]:
        """Tell the outside how to behave, if anything, and return what it counted."""
        with socket.create_connection((LOOPBACK, self._control_port), timeout=10) as connection:
            connection.sendall(json.dumps(manners).encode() + b"\n")
            counts: dict[str, int] = json.loads(connection.makefile().readline())
        return counts

    def _outside_answers(self) -> bool:
        try:
            return bool(self.outside())
        except OSError:
            return False

    def slots_of(self, lanes: Sequence[str]) -> int:
        """Return how many parts our `lanes` work on at once."""
        from jobs.settings import switchyard  # noqa: PLC0415  (Django is set up by now)

        return sum(switchyard().lanes[lane].workers for lane in lanes)

    @contextmanager
    def phase(self, side: str, name: str) -> Iterator[Phase]:
        """Let the desk ask `side` for codes in the block; note when, and who used the processors."""
        phase = Phase(side=side, name=name)
        with self.processors.watching(phase):
            phase.began_at = time.time()
            self.stamps.flag.write_text(side)
            try:
                yield phase
            finally:
                self.stamps.flag.unlink()
                phase.ended_at = time.time()
        if self._desk:
            self._desk.require_alive()  # else no code was asked for, and nothing would be measured

    def hold(self, side: str, name: str, *, seconds: float) -> Phase:
        """Let a phase last for `seconds`."""
        with self.phase(side, name) as phase:
            threading.Event().wait(seconds)
        return phase


def program_of(words: Sequence[str]) -> str:
    """Return the name of the program that a command line starts."""
    line = " ".join(words)
    for name in (f"{HERE}.outside", f"{HERE}.desk", "postgres", "valkey", "supervisor"):
        if name in line:
            return name.rpartition(".")[2]
    if f"{HERE}.straight" in line:
        return "straight"
    for module in ("stripped:", "bare:"):
        if module in line:
            return "celery-" + line.partition(module)[2].split()[0]
    return f"worker-{words[-1]}" if "worker" in words else "other"


@contextmanager
def running_world() -> Iterator[World]:
    """Run a world for the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="switchyard-replay-")))
        group = stack.enter_context(servers(stack))
        yield World(group=group, folder=folder)
