"""A PostgreSQL that has all tables, made once and copied to whoever needs one of their own.

Migrating an empty database takes fifteen seconds of a processor, so later runs find it too, until something
changes that the tables are made of. That migrating works is what the tests of a first start show: of the
yard, of `manage.py prepare`, and of the containers.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from switchyard.env import ROOT
from switchyard.yard.group import Group
from switchyard.yard.ports import free_ports
from switchyard.yard.postgres import Postgres
from switchyard.yard.programs import wait_until_ready

from tests.beside import MEASURING, locked

START_SECONDS = 60
STAYS_SECONDS = 24 * 3600
"""So long after it was made a seed is not taken away for another."""
MAKERS = (
    "requirements.txt",
    "*/migrations/*.py",
    "jobs/walling.py",
    "jobs/postgres/*.py",
    "platform/switchyard/settings.py",
    "platform/switchyard/accounts/settings.py",
)
"""The files that say which tables there are, and how they are made."""


class Seed:
    """The folder of a PostgreSQL that has ended; whoever needs it first makes it."""

    def __init__(self, *, group: Group) -> None:
        """Start what makes it, if anything must, in `group`."""
        self._folder = Path(tempfile.gettempdir(), f"switchyard-seeds-{os.getuid()}")
        self._group = group

    def plant(self, home: Path) -> None:
        """Copy it to `home`, where it is not yet, with its owner: then it is started like any other."""
        subprocess.run(["cp", "-a", str(self.home()), str(home)], check=True)

    def home(self) -> Path:
        """Return where it is, once it is there."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        made = self._folder / f"seed-{_name()}"
        with (self._folder / "lock").open("a") as lock, locked(lock, fcntl.LOCK_EX):
            if not made.exists():
                self._clear()
                unfinished = self._folder / "unfinished"
                self._make(unfinished)
                unfinished.rename(made)
        return made

    def _clear(self) -> None:
        """Take away what is old, and what a killed run left unfinished."""
        for each in self._folder.glob("*/"):
            if each.name == "unfinished" or each.stat().st_mtime < time.time() - STAYS_SECONDS:
                shutil.rmtree(each)

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


def _name() -> str:
    """Return a name that tells tables apart which are made of other files."""
    made_of = sha256()
    for path in sorted(path for maker in MAKERS for path in ROOT.glob(maker)):
        made_of.update(f"{path.relative_to(ROOT)} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    return made_of.hexdigest()[:16]


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
