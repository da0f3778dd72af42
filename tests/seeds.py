"""A PostgreSQL that has all tables, made once for a run and copied to whoever needs one of their own.

Migrating an empty database takes fifteen seconds of a processor. That it works is what the tests of a first
start show: of the yard, of `manage.py prepare`, and of the containers.
"""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from switchyard.env import ROOT
from switchyard.yard.group import Group
from switchyard.yard.ports import free_ports
from switchyard.yard.postgres import Postgres
from switchyard.yard.programs import wait_until_ready

from tests.beside import MEASURING, locked

START_SECONDS = 60


class Seed:
    """The folder of a PostgreSQL that has ended; whoever needs it first makes it."""

    def __init__(self, *, folder: Path, group: Group) -> None:
        """Keep it in `folder`, which all processes of the run share."""
        self._folder, self._group = folder, group

    def plant(self, home: Path) -> None:
        """Copy it to `home`, where it is not yet, with its owner: then it is started like any other."""
        subprocess.run(["cp", "-a", str(self.home()), str(home)], check=True)

    def home(self) -> Path:
        """Return where it is, once it is there."""
        made = self._folder / "seed"
        with (self._folder / "seed.lock").open("a") as lock, locked(lock, fcntl.LOCK_EX):
            if not made.exists():
                unfinished = self._folder / "seed-unfinished"
                self._make(unfinished)
                unfinished.rename(made)
        return made

    def _make(self, home: Path) -> None:
        server = Postgres(home=home, port=free_ports(1)[0], durable=False)
        server.prepare()
        with self._running(server):
            migrate(server.url, var=self._folder)

    @contextmanager
    def _running(self, server: Postgres) -> Iterator[None]:
        child = self._group.start(server.program())
        try:
            wait_until_ready([child], seconds=START_SECONDS)
            yield
        finally:
            child.process.send_signal(signal.SIGINT)
            child.wait()


def migrate(url: str, *, var: Path) -> None:
    """Make all tables in an empty database."""
    kept: dict[str, Any] = {name: at for name, at in os.environ.items() if not name.startswith(MEASURING)}
    own = {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "switchyard.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "platform"), str(ROOT)]),
        "SECRET_KEY": "for-tests",
        "SWITCHYARD_VAR": str(var),
    }
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0", "--skip-checks"]
    subprocess.run(command, env=kept | own, check=True)
