"""Starts containers' commands as local processes, each with its own health check."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from switchyard.env import ROOT
from switchyard.yard.group import Group
from switchyard.yard.programs import Child, Program

from tests.switchyard.container_files import Container, kubernetes_containers

CHECK_SECONDS = 10
PAUSE_SECONDS = 2


class Production:
    """Starts containers' commands as local processes, with servers of this machine."""

    def __init__(self, *, group: Group, folder: Path, local: dict[str, str]) -> None:
        """Start them in `group`; `local` replaces what their environment says."""
        self._group = group
        self.folder = folder
        self._local = local

    def start(self, container: Container) -> Child:
        check = self._local_command(container.check or ["true"], container=container)
        environment = self._environment(container)
        return self._group.start(
            Program(
                name=container.name,
                command=self._local_command(container.command, container=container),
                environment=environment,
                is_ready=Check(command=check, environment=environment).is_well,
            )
        )

    def _environment(self, container: Container) -> dict[str, str]:
        paths = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
        base = {"PATH": os.environ["PATH"], "HOME": "/nowhere", "TMPDIR": str(self.folder)}
        settings = {"DJANGO_SETTINGS_MODULE": "switchyard.settings", "PYTHONFAULTHANDLER": "1"}
        return base | {"PYTHONPATH": paths} | settings | container.environment | self._local

    def _local_command(self, command: list[str], *, container: Container) -> list[str]:
        """Return the command as this machine runs it, with a folder of its own for /tmp."""
        tmp = f"{self.folder}/{container.name}-"
        program, *words = [
            word.replace("/tmp/", tmp).replace("--metrics-port=9100", "--metrics-port=0")  # noqa: S108  (theirs)
            for word in command
        ]
        if program == "python":
            return [sys.executable, str(ROOT / words[0]), *words[1:]]
        if program == "true":
            return [program]
        places = [word.replace("platform/deploy", str(ROOT / "platform" / "deploy")) for word in words]
        return [sys.executable, "-m", program, *places]

    def query(self, sql: str, *values: object) -> set[str]:
        """Return the first column of what the database answers."""
        connection = psycopg2.connect(self._local["DATABASE_URL"])
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            rows = cursor.fetchall()
        connection.close()
        return {str(first) for (first,) in rows}

    def run_in_image(self, command: Sequence[str], **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end where the image's own folder would be, with the environment of web."""
        environment = self._environment(kubernetes_containers()["web"])
        environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
        return subprocess.run(
            command,
            cwd=ROOT,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def answer(self, url: str, *, token: str) -> list[str]:
        """Return the lines that the web service answers to a GET of `url` within its network."""
        asked, web = urlsplit(url), urlsplit(f"//{self._local['WEB_BIND']}")
        connection = http.client.HTTPConnection(str(web.hostname), web.port, timeout=CHECK_SECONDS)
        headers = {"Host": asked.netloc, "Authorization": f"Bearer {token}"}
        connection.request("GET", asked.path, headers=headers)
        answer = connection.getresponse()
        lines = answer.read().decode().splitlines()
        connection.close()
        assert answer.status == http.HTTPStatus.OK, lines
        return lines

    def workers(self, lane: str) -> set[int]:
        """Return the process ids of the lane's workers that are present."""
        names = self.query("SELECT name FROM jobs_workerpresence WHERE lane = %s", lane)
        return {int(name.rpartition("-")[2]) for name in names}


class Check:
    """A container's own check, asked with a pause as an engine does: each is a process."""

    def __init__(self, *, command: list[str], environment: dict[str, str]) -> None:
        """Prepare to run it as the engine does, within the container."""
        self._command = command
        self._environment = environment
        self._asked_at = 0.0

    def is_well(self) -> bool:
        if time.monotonic() - self._asked_at < PAUSE_SECONDS:
            return False
        self._asked_at = time.monotonic()
        ran = subprocess.run(
            self._command, env=self._environment, capture_output=True, timeout=CHECK_SECONDS, check=False
        )
        return ran.returncode == 0


def end(child: Child, *, seconds: float) -> None:
    """See a process end that was asked to, within `seconds`; else show where it hangs."""
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.process.send_signal(signal.SIGABRT)
        child.wait(timeout=seconds)
    assert child.poll() == 0, child.last_lines(count=200)
