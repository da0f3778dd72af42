"""The processes of a benchmark: servers on free ports and the two workers side by side."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from switchyard.yard.group import Group, running_group
from switchyard.yard.ports import free_ports
from switchyard.yard.postgres import Postgres
from switchyard.yard.programs import Program, wait_until_ready
from switchyard.yard.valkey import Valkey

ROOT = Path(__file__).parents[3]
START_SECONDS = 90
SEED = "REPLAY_SEED"
"""The variable that may name the folder of a PostgreSQL that has all tables: the tests have one."""


@contextmanager
def servers(stack: ExitStack) -> Iterator[Group]:
    """Run a durable PostgreSQL for the block and tell Django its address."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="switchyard-bench-")))
    folder.chmod(0o711)
    with running_group(logs=folder / "logs") as group:
        server = Postgres(home=folder / "postgres", port=free_ports(1)[0])
        if seed := os.environ.get(SEED):
            subprocess.run(["cp", "-a", seed, str(server.home)], check=True)
        server.prepare()
        wait_until_ready([group.start(server.program())], seconds=START_SECONDS)
        os.environ["DATABASE_URL"] = server.url
        yield group


def start_valkey(group: Group, home: Path) -> str:
    """Start a Valkey that keeps what it is given, and return its address."""
    home.mkdir()
    server = Valkey(home=home, port=free_ports(1)[0], password="bench")
    server.prepare()
    wait_until_ready([group.start(server.program())], seconds=START_SECONDS)
    return server.url


def start_workers(group: Group, *, broker: str, name: str) -> None:
    """Start our worker and bare Celery's: two prefork children each, events on, on the same broker."""
    environment = {
        **os.environ,
        "BROKER_URL": broker,
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.stage.settings",
        "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
    }
    ours = [sys.executable, str(ROOT / "manage.py"), "worker", "tiny"]
    bare = [sys.executable, "-m", "celery", "-A", "tests.benchmarks.stage.bare", "worker"]
    bare += [
        "--pool=prefork",
        "--concurrency=2",
        "--without-mingle",
        "--without-gossip",
        "--events",
        "--hostname=bare@bench",
        "--loglevel=WARNING",
    ]
    for label, command in (("ours", ours), ("bare", bare)):
        group.start(
            Program(name=f"{name}-{label}", command=command, environment=environment, is_ready=lambda: True)
        )
