"""PostgreSQL and Valkey from their wheels: they survive being killed."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis
from switchyard.yard import postgres as wheel
from switchyard.yard.group import Group
from switchyard.yard.passage import SAFE_USER, open_tree, open_way
from switchyard.yard.ports import free_ports
from switchyard.yard.postgres import DatabaseNotMade, Postgres
from switchyard.yard.programs import wait_until_ready
from switchyard.yard.valkey import Valkey

from jobs.testing import wait_until

SECONDS = 60


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="switchyard-servers-") as folder:
        yield Path(folder)


def test_killed_postgres_starts_again_with_its_data(home: Path, servers: Group) -> None:
    (home / "unfinished-by-a-killed-start").mkdir()
    server = Postgres(home=home, port=free_ports(1)[0])
    server.prepare()
    first = servers.start(server.program())
    wait_until_ready([first], seconds=SECONDS)
    run(server.url, "CREATE TABLE kept (id int)")
    first.kill()
    first.wait()

    server.prepare()
    second = servers.start(server.program())
    wait_until_ready([second], seconds=SECONDS)
    run(server.url, "DROP TABLE kept")
    assert sorted(path.name for path in home.iterdir()) == ["data", "password"]
    second.terminate()
    assert second.wait(timeout=SECONDS) == 0


def test_postgres_that_an_ended_yard_left_running_is_ended_first(home: Path, servers: Group) -> None:
    server = Postgres(home=home, port=free_ports(1)[0], durable=False)
    server.prepare()
    left_over = servers.start(server.program())
    wait_until_ready([left_over], seconds=SECONDS)
    server.prepare()
    assert left_over.poll() is not None
    assert not (server.data / "postmaster.pid").exists()


def test_stale_note_of_another_process_stops_no_start(home: Path) -> None:
    server = Postgres(home=home, port=free_ports(1)[0], durable=False)
    server.prepare()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")
    server.prepare()
    assert not (server.data / "postmaster.pid").exists()


def test_process_that_only_waits_to_be_noticed_has_ended(home: Path) -> None:
    server = Postgres(home=home, port=free_ports(1)[0], durable=False)
    server.prepare()
    with subprocess.Popen([sys.executable, "-c", "", str(server.data)]) as zombie:
        wait_until(lambda: psutil.Process(zombie.pid).status() == psutil.STATUS_ZOMBIE)
        (server.data / "postmaster.pid").write_text(f"{zombie.pid}\n{server.data}\n")
        server.prepare()
    assert not (server.data / "postmaster.pid").exists()


def test_left_over_that_does_not_end_is_killed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wheel, "LEFT_OVER_SECONDS", 0.1)
    server = Postgres(home=home, port=free_ports(1)[0], durable=False)
    server.prepare()
    code = "import signal; signal.signal(signal.SIGQUIT, signal.SIG_IGN); print(flush=True); signal.pause()"
    command = [sys.executable, "-c", code, str(server.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as deaf:
        assert deaf.stdout is not None
        deaf.stdout.readline()
        (server.data / "postmaster.pid").write_text(f"{deaf.pid}\n{server.data}\n")
        server.prepare()
    assert deaf.returncode == -signal.SIGKILL


def test_note_that_was_cut_off_stops_no_start(home: Path) -> None:
    server = Postgres(home=home, port=free_ports(1)[0], durable=False)
    server.prepare()
    (server.data / "postmaster.pid").write_text("")
    server.prepare()
    assert not (server.data / "postmaster.pid").exists()


def test_password_is_asked_for(home: Path, servers: Group) -> None:
    server = Postgres(home=home, port=free_ports(1)[0], durable=False)
    server.prepare()
    child = servers.start(server.program())
    wait_until_ready([child], seconds=SECONDS)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(f"postgresql://postgres:wrong@127.0.0.1:{server.port}/switchyard")
    child.kill()
    child.wait()


def test_folder_that_cannot_be_made_is_told_with_what_postgres_said(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheel, "BINARIES", home)
    (home / "initdb").write_text("#!/bin/sh\necho no room >&2\nexit 1\n")
    (home / "initdb").chmod(0o755)
    (home / "postgres").write_text("#!/bin/sh\n")
    (home / "postgres").chmod(0o755)
    with pytest.raises(DatabaseNotMade, match=r"(?s)could not make its folder.*no room"):
        Postgres(home=home / "postgresql", port=1).prepare()


@pytest.mark.usefixtures("home")
def test_way_is_opened_for_passing_and_not_for_reading(home: Path) -> None:
    inner = home / "inner"
    inner.mkdir(mode=0o700)
    file = inner / "program"
    file.touch(mode=0o700)
    open_way(inner)
    assert inner.stat().st_mode & 0o077 == 0o001
    assert file.stat().st_mode & 0o077 == 0
    open_tree(inner)
    assert file.stat().st_mode & 0o007 == 0o005
    assert SAFE_USER == "nobody"


def test_killed_valkey_starts_again_with_its_data(home: Path, servers: Group) -> None:
    server = Valkey(home=home, port=free_ports(1)[0], password="secret")
    server.prepare()
    assert not server.answers()
    first = servers.start(server.program())
    wait_until_ready([first], seconds=SECONDS)
    with redis.Redis.from_url(server.url) as client:
        client.set("kept", "yes")
        client.execute_command("WAITAOF", 1, 0, 5000)
    first.kill()
    first.wait()

    second = servers.start(server.program())
    wait_until_ready([second], seconds=SECONDS)
    with redis.Redis.from_url(server.url) as client:
        assert client.get("kept") == b"yes"
    with redis.Redis(port=server.port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    second.terminate()
    assert second.wait(timeout=SECONDS) == 0


def run(url: str, statement: str) -> None:
    """Run a statement in the database."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
