"""A worker that is asked to end while its database or its broker stands still leaves by itself."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import psycopg2
import pytest
from switchyard.yard.group import Group
from switchyard.yard.ports import free_ports
from switchyard.yard.postgres import Postgres
from switchyard.yard.programs import Child, wait_until_ready
from switchyard.yard.valkey import Valkey

from jobs.testing import wait_until
from tests.journeys.platforms import environment_of
from tests.seeds import Seed

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
END_SECONDS = 30
SUBMIT = """
import sys
import django
django.setup()
from jobs.models import School
from jobs.submission import submit
kind, key = sys.argv[1:]
arguments = {"parts": [100], "pause": 0.2, "puts_off": [], "refuses": []}
school, _ = School.objects.get_or_create(name="Frozen", slug="frozen")
submit(kind=kind, school=school, by=None, arguments=arguments, key=key)
"""

pytestmark = pytest.mark.journey


class Servers:
    """A PostgreSQL and a Valkey that nobody else uses."""

    def __init__(self, *, group: Group, home: Path, seed: Seed) -> None:
        """Start both."""
        postgres_port, valkey_port = free_ports(2)
        self._postgres = Postgres(home=home / "postgres", port=postgres_port, durable=False)
        self._valkey = Valkey(home=home / "valkey", port=valkey_port, password="for-tests")
        seed.plant(self._postgres.home)
        self._postgres.prepare()
        self._valkey.prepare()
        self.children = {
            "postgres": group.start(self._postgres.program()),
            "valkey": group.start(self._valkey.program()),
        }
        wait_until_ready(list(self.children.values()), seconds=START_SECONDS)

    def query(self, sql: str, *values: str) -> list[tuple[str, ...]]:
        """Return the rows."""
        database = psycopg2.connect(self._postgres.url)
        with database.cursor() as cursor:
            cursor.execute(sql, values)
            rows = cursor.fetchall()
        database.close()
        return rows

    def has_worker(self, process: int) -> bool:
        """Say whether the worker with this process id is present."""
        return bool(self.query("SELECT name FROM jobs_workerpresence WHERE name LIKE %s", f"%-{process}"))

    @property
    def environment(self) -> dict[str, str]:
        """What leads a process to them."""
        return {"DATABASE_URL": self._postgres.url, "BROKER_URL": self._valkey.url}


@contextmanager
def frozen(server: Child) -> Iterator[None]:
    """Let the server stand still within the block."""
    postmaster = psutil.Process(server.pid)
    processes = [postmaster, *postmaster.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


@pytest.fixture(scope="module")
def own_servers(servers: Group, seed: Seed) -> Iterator[Servers]:
    """Started once for this file, in a folder that the user of PostgreSQL may enter."""
    with tempfile.TemporaryDirectory(prefix="switchyard-frozen-") as folder, ExitStack() as ends:
        made = Servers(group=servers, home=Path(folder), seed=seed)
        for child in made.children.values():
            ends.callback(child.wait)
            ends.callback(child.kill)
        yield made


@pytest.fixture
def environment(own_servers: Servers, tmp_path: Path) -> dict[str, str]:
    """What leads a worker to the servers that nobody else uses."""
    return environment_of(tmp_path, **own_servers.environment)


@pytest.fixture
def worker(
    request: pytest.FixtureRequest, environment: dict[str, str], own_servers: Servers, tmp_path: Path
) -> Iterator[psutil.Popen]:
    """A worker of the lane that the test names, present and idle."""
    command = [sys.executable, str(ROOT / "manage.py"), "worker", request.param]
    with (tmp_path / "worker.log").open("wb") as log:
        process = psutil.Popen(command, env=environment, stderr=log)
    try:
        wait_until(lambda: own_servers.has_worker(process.pid), seconds=START_SECONDS)
        yield process
    finally:
        if process.poll() is None:
            for left in (*process.children(), process):
                left.kill()
            process.wait()


@pytest.mark.parametrize(
    ("worker", "server"),
    [("mail", "valkey"), ("packets", "valkey"), ("packets", "postgres")],
    indirect=["worker"],
)
def test_worker_leaves_by_itself_while_a_server_is_frozen(
    worker: psutil.Popen, own_servers: Servers, server: str, tmp_path: Path
) -> None:
    children = worker.children()
    with frozen(own_servers.children[server]):
        worker.terminate()
        assert worker.wait(timeout=END_SECONDS) == 0
        _, left = psutil.wait_procs(children, timeout=END_SECONDS)
    assert left == []
    assert "worker_left" in (tmp_path / "worker.log").read_text()


@pytest.mark.parametrize(
    ("worker", "kind"), [("mail", "faults.threads"), ("packets", "faults.forks")], indirect=["worker"]
)
def test_part_in_hand_goes_back_while_the_broker_is_frozen(
    worker: psutil.Popen, own_servers: Servers, environment: dict[str, str], kind: str, tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-c", SUBMIT, kind, kind], env=environment, check=True)
    noted = tmp_path / "effects.log"
    wait_until(lambda: noted.exists() and "unit" in noted.read_text(), seconds=START_SECONDS)
    with frozen(own_servers.children["valkey"]):
        worker.terminate()
        assert worker.wait(timeout=END_SECONDS) == 0
    parts = own_servers.query(
        "SELECT part.state, part.deaths, attempt.outcome FROM jobs_part part"
        " JOIN jobs_job job ON job.id = part.job_id JOIN jobs_attempt attempt ON attempt.part_id = part.id"
        " WHERE job.kind = %s AND part.step = 'work'",
        kind,
    )
    assert parts == [("waiting", 0, "handed back")]
