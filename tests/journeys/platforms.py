"""A supervisor with a worker of threads and one of forked children, on the fault suite's kinds."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil
import psycopg2

from jobs.adopting import find_workers
from jobs.run_folder import RunFolder
from jobs.testing import wait_until
from tests.journeys.clerk import Clerk

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
SETTINGS = """
from tests.faults.settings import *
from tests.faults.settings import SWITCHYARD as ALL

LANES = {{
    "mail": {{"workers": {workers}, "most_workers": {most}, "pool": "threads", "promise_seconds": 60}},
    "packets": {{"workers": {workers}, "most_workers": {most}, "pool": "prefork", "promise_seconds": 60}},
}}
ROUTES = [rule if rule["lane"] in LANES else {{**rule, "lane": "mail"}} for rule in ALL["routes"]]
SWITCHYARD = {{**ALL, "lanes": LANES, "routes": [rule for rule in ROUTES if "probe" not in rule["kind"]]}}
SWITCHYARD["components"] = {{}}
SWITCHYARD["supervision"] = {{**ALL.get("supervision", {{}}), "shrink_seconds": 5}}
SWITCHYARD["routes"] += [{{"kind": f"faults.probe.{{lane}}", "lane": lane}} for lane in LANES]
"""


def environment_of(folder: Path, *, settings: str = "tests.faults.settings", **more: str) -> dict[str, str]:
    """Return what a platform's processes find in their environment; what they write lies in `folder`."""
    return {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}:{folder}",
        "DJANGO_SETTINGS_MODULE": settings,
        "FAULTS_EFFECTS_FOLDER": str(folder),
        "SECRET_KEY": "for-tests",
        "SWITCHYARD_VAR": str(folder),
        **more,
    }


def supervisor(*options: str) -> list[str]:
    """Return the command of a supervisor."""
    return [sys.executable, str(ROOT / "manage.py"), "supervisor", *options]


class Platform:
    """A supervisor with its two workers, and their database."""

    def __init__(
        self,
        *,
        folder: Path,
        database: str,
        broker: str,
        workers: int,
        most: int | None = None,
        options: tuple[str, ...] = (),
        **more: str,
    ) -> None:
        """Start the supervisor with files in `folder` and so many `workers` in each lane, or up to `most`.

        `database` has all tables.

        `options` are those of its command, `more` are variables of its environment.
        """
        self.effects = folder / "effects.log"
        (folder / "platform_settings.py").write_text(SETTINGS.format(workers=workers, most=most))
        self._environment = environment_of(
            folder, settings="platform_settings", DATABASE_URL=database, BROKER_URL=broker, **more
        )
        self._clerk = Clerk(environment=self._environment)
        self._folder, self._options = folder, options
        self._hosts: list[psutil.Popen] = []
        self._database = psycopg2.connect(database)
        self._database.autocommit = True
        self.supervisor = self.join(*options)

    def join(self, *options: str) -> psutil.Popen:
        """Start the supervisor of one more host, with its two workers, and return it."""
        workers = len(self.present()) + 2
        host = psutil.Popen(supervisor(*options), env=self._on_host(len(self._hosts)), start_new_session=True)
        self._hosts.append(host)
        wait_until(lambda: len(self.present()) == workers, seconds=START_SECONDS)
        return host

    def _on_host(self, number: int) -> dict[str, str]:
        """Return the environment of a host's processes: its run folder is its alone."""
        return {**self._environment, "SWITCHYARD_RUN": str(self._folder / f"run-{number}")}

    def workers_on(self, host: psutil.Popen) -> set[str]:
        """Return the names of the host's workers that are present."""
        pids = {process.pid for process in host.children(recursive=True)}
        return {name for name in self.present() if int(name.rpartition("-")[2]) in pids}

    def lose(self, host: psutil.Popen) -> None:
        """Kill the host's supervisor and workers at once: they are one process group."""
        family = [host, *host.children(recursive=True)]
        os.killpg(host.pid, signal.SIGKILL)
        psutil.wait_procs(family)
        self._hosts.remove(host)

    def start_supervisor(self) -> None:
        """Start another supervisor on the first host, after the end of the one that it had."""
        self.supervisor = psutil.Popen(
            supervisor(*self._options), env=self._on_host(0), start_new_session=True
        )
        self._hosts[0] = self.supervisor

    def refused_supervisor(self) -> str:
        """Start one more supervisor on the first host, and return what it says when it ends."""
        ran = subprocess.run(
            supervisor(*self._options), env=self._on_host(0), capture_output=True, text=True, check=False
        )
        assert ran.returncode == 1
        return ran.stderr

    def workers(self) -> list[int]:
        """Return the process ids of the first host's workers that live, whoever started them."""
        folder = RunFolder(self._folder / "run-0")
        found = find_workers({lane: folder.pulses(lane) for lane in ("mail", "packets")})
        return sorted(worker.pid for workers in found.values() for worker in workers)

    def _manage(self, *words: str) -> None:
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        subprocess.run(command, env=self._environment, check=True)

    def query(self, sql: str) -> list[tuple[str, ...]]:
        with self._database.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def present(self) -> list[str]:
        names = self.query("SELECT name FROM jobs_workerpresence ORDER BY started_at DESC")
        return [name for (name,) in names]

    def worker(self, lane: str) -> psutil.Process:
        """Return the lane's newest worker."""
        name = next(name for name in self.present() if name.startswith(f"{lane}@"))
        return psutil.Process(int(name.rpartition("-")[2]))

    def has_another(self, lane: str, *, than: psutil.Process) -> bool:
        """Say whether a worker of the lane is there that is not `than`."""
        names = [name for name in self.present() if name.startswith(f"{lane}@")]
        return any(int(name.rpartition("-")[2]) != than.pid for name in names)

    def submit(
        self, kind: str, *, key: str, parts: int = 1, pause: float = 0, school: str = "frozen"
    ) -> None:
        arguments = {"parts": [1] * parts, "pause": pause, "puts_off": [], "refuses": []}
        self.submit_with(kind, key=key, arguments=arguments, school=school)

    def submit_with(
        self, kind: str, *, key: str, arguments: Mapping[str, object], school: str = "frozen"
    ) -> None:
        self._clerk.do("submit", kind=kind, key=key, slug=school, arguments=arguments)

    def stop(self, key: str) -> None:
        """Stop a job."""
        [(job,)] = self.query(f"SELECT id FROM jobs_job WHERE key = '{key}'")  # noqa: S608
        self._manage("jobs", "stop", str(job))

    def change_workers(self, workers: int) -> None:
        """Let both lanes have so many workers from now on."""
        self.change({lane: {"workers": workers} for lane in ("mail", "packets")})

    def change(self, lanes: Mapping[str, Mapping[str, object]]) -> None:
        """Let the lanes have these settings from now on."""
        self.override({"lanes": lanes})

    def override(self, overrides: Mapping[str, object]) -> None:
        """Let the settings have these overrides from now on."""
        self._clerk.do("override", overrides=overrides)

    def working(self, lane: str) -> int:
        """Return how many parts of the lane are worked on."""
        [(count,)] = self.query(
            f"SELECT count(*) FROM jobs_part WHERE state = 'working' AND lane = '{lane}'"  # noqa: S608
        )
        return int(count)

    def make_deaf(self, lane: str) -> psutil.Process:
        """Let the lane's worker take no doorbells any more, and return it."""
        deaf = self.worker(lane)
        name = next(name for name in self.present() if name.endswith(f"-{deaf.pid}"))
        assert "no longer consuming" in self._clerk.do("make_deaf", lane=lane, worker=name)
        return deaf

    def is_at_work(self, key: str) -> bool:
        return ("work",) in self.query(
            f"SELECT step FROM jobs_part JOIN jobs_job job ON job.id = job_id"  # noqa: S608
            f" WHERE job.key = '{key}' AND jobs_part.state = 'working'"
        )

    def is_done(self, key: str) -> bool:
        return self.query(f"SELECT state FROM jobs_job WHERE key = '{key}'") == [("done",)]  # noqa: S608

    def close(self) -> None:
        self._database.close()
        self._clerk.close()
        for host in self._hosts:
            host.terminate()
        for host in self._hosts:
            host.wait(timeout=30)
        assert self.workers() == []
