"""Backups: made beside what works, restored as they were, or not at all."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pyrage
import pytest
from switchyard.env import ROOT
from switchyard.yard.ports import free_ports

from tests.databases import make_database

pytestmark = pytest.mark.journey

SECRET = "fifty-characters-that-nobody-guesses-0123456789-abcdefgh"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
OF_THE_RESTORE = {
    "jobs_hold",
    "jobs_holdevent",
    "django_migrations",
    "django_content_type",
    "auth_permission",
}
"""Tables that a restore may add to."""


@dataclass(frozen=True, kw_only=True)
class House:
    """A database and a folder for files, and the platform's commands there."""

    url: str
    var: Path

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
            "SECRET_KEY": SECRET,
            "SWITCHYARD_VAR": str(self.var),
            "SWITCHYARD_DEMO": "on",
            "DATABASE_URL": self.url,
        }
        line = [sys.executable, str(ROOT / "manage.py"), *map(str, command)]
        return subprocess.run(line, env=environment, capture_output=True, text=True, check=False)

    def do(self, *command: str | Path) -> str:
        ran = self.run(*command)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def refuse(self, *command: str | Path) -> str:
        ran = self.run(*command)
        assert ran.returncode == 1, ran.stderr
        assert "Traceback" not in ran.stderr
        return ran.stderr

    @contextmanager
    def connected(self) -> Iterator["psycopg2.extensions.cursor"]:
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def rows(self) -> dict[str, list[str]]:
        """Return the rows of each table as text, sorted."""
        found = {}
        with self.connected() as cursor:
            cursor.execute(TABLES)
            for (table,) in cursor.fetchall():
                cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608  (our own tables)
                found[table] = sorted(row for (row,) in cursor.fetchall())
        return found

    def count(self, table: str) -> int:
        with self.connected() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608  (our own table)
            return int(cursor.fetchone()[0])

    def files(self) -> dict[str, bytes]:
        root = self.var / "files"
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def demo(postgres: str, migrated: str, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The demo's schools, students and documents; nobody changes them."""
    url = make_database(postgres, name="backed_up", like=migrated)
    made = House(url=url, var=tmp_path_factory.mktemp("backed up"))
    made.do("prepare")
    return made


@pytest.fixture(scope="module")
def key(demo: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "key"
    demo.do("backup", "--make-key", path)
    return path


@pytest.fixture(scope="module")
def backup(demo: House, key: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backups") / "backup"
    told = demo.do("backup", path, "--to", recipient_of(key))
    assert "Backed up" in told
    return path


@pytest.fixture(scope="module")
def restored(postgres: str, backup: Path, key: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Where the backup was restored; nobody changes it."""
    var = tmp_path_factory.mktemp("restored")
    made = House(url=make_database(postgres, name="restored"), var=var)
    assert "paused: " in made.do("restore", backup, "--key", key)
    return made


@pytest.fixture
def empty(postgres: str, tmp_path: Path) -> House:
    return House(url=make_database(postgres, name="empty"), var=tmp_path)


@pytest.fixture
def lived_in(postgres: str, demo: House, tmp_path: Path) -> House:
    """A database like the demo's, whose schools have other names."""
    made = House(url=make_database(postgres, name="lived_in", like="backed_up"), var=tmp_path)
    with made.connected() as cursor:
        cursor.execute("UPDATE jobs_school SET name = 'Renamed ' || id")
    return made


def recipient_of(key: Path) -> str:
    return str(pyrage.x25519.Identity.from_str(key.read_text().splitlines()[-1]).to_public())


def test_restored_is_what_was_backed_up(demo: House, restored: House) -> None:
    before, after = demo.rows(), restored.rows()
    assert before["uploads_student"]
    assert {table: rows for table, rows in after.items() if table not in OF_THE_RESTORE} == {
        table: rows for table, rows in before.items() if table not in OF_THE_RESTORE
    }
    assert restored.files() == demo.files()
    assert demo.files()


def test_restored_lanes_that_send_are_paused_and_codes_are_not(restored: House) -> None:
    with restored.connected() as cursor:
        cursor.execute("SELECT name, mode FROM jobs_hold")
        held = dict(cursor.fetchall())
    assert held["bulk"] == "pause"
    assert "codes" not in held


def test_ids_go_on_after_the_restored_ones(restored: House) -> None:
    with restored.connected() as cursor:
        cursor.execute("SELECT max(id) FROM jobs_school")
        last = cursor.fetchone()[0]
        cursor.execute("SELECT nextval(pg_get_serial_sequence('jobs_school', 'id'))")
        assert cursor.fetchone()[0] == last + 1


def test_backup_of_older_tables_is_brought_up_to_date(
    postgres: str, key: Path, empty: House, tmp_path: Path
) -> None:
    old = House(url=make_database(postgres, name="old"), var=tmp_path / "old")
    old.do("migrate", "--verbosity=0", "packets", "0003")
    old.do("migrate", "--verbosity=0", "uploads", "0001")
    with old.connected() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'uploads'")
        assert cursor.fetchone()[0] == 1
    path = tmp_path / "backup"
    old.do("backup", path, "--to", recipient_of(key))

    empty.do("restore", path, "--key", key)

    with empty.connected() as cursor:
        cursor.execute("SELECT change_file_id FROM uploads_upload")
    assert "No planned migration" in empty.do("migrate", "--plan").replace("operations", "")


def test_check_changes_nothing(backup: Path, key: Path, empty: House) -> None:
    assert "is whole" in empty.do("restore", backup, "--key", key, "--check")
    assert empty.rows() == {}
    assert empty.files() == {}


def test_another_key_opens_nothing(backup: Path, empty: House, tmp_path: Path) -> None:
    empty.do("backup", "--make-key", tmp_path / "other")

    assert "does not open this backup" in empty.refuse("restore", backup, "--key", tmp_path / "other")


def test_damaged_backup_changes_nothing(backup: Path, key: Path, lived_in: House, tmp_path: Path) -> None:
    before = lived_in.rows()
    (tmp_path / "cut").write_bytes(backup.read_bytes()[:-1])

    told = lived_in.refuse("restore", tmp_path / "cut", "--key", key, "--replace")

    assert "damaged or cut off" in told
    assert lived_in.rows() == before


def test_schools_that_are_there_are_replaced_only_when_asked(
    backup: Path, key: Path, lived_in: House, demo: House
) -> None:
    assert "--replace" in lived_in.refuse("restore", backup, "--key", key)
    assert any("Renamed" in row for row in lived_in.rows()["jobs_school"])

    lived_in.do("restore", backup, "--key", key, "--replace")

    assert lived_in.rows()["jobs_school"] == demo.rows()["jobs_school"]


def test_nothing_is_restored_under_a_running_platform(backup: Path, key: Path, empty: House) -> None:
    with empty.connected():
        assert "1 other connection" in empty.refuse("restore", backup, "--key", key)
    assert empty.rows() == {}


def test_backup_is_never_written_over(demo: House, backup: Path, key: Path) -> None:
    assert "is there already" in demo.refuse("backup", backup, "--to", recipient_of(key))


def test_wrong_recipient_is_told(demo: House, tmp_path: Path) -> None:
    assert "'age1no' is no recipient" in demo.refuse("backup", tmp_path / "backup", "--to", "age1no")
    assert not list(tmp_path.iterdir())


def test_full_disk_is_told_and_leaves_nothing(demo: House, key: Path, tmp_path: Path) -> None:
    folder = tmp_path / "file, no folder"
    folder.touch()

    told = demo.refuse("backup", folder / "backup", "--to", recipient_of(key))

    assert "cannot be written" in told


def test_yard_restores_with_nothing_but_its_database(backup: Path, key: Path, tmp_path: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.endswith("_URL")},
        "SWITCHYARD_VAR": str(tmp_path / "var"),
        "SWITCHYARD_WEB_PORT": str(free_ports(1)[0]),
    }
    line = [sys.executable, str(ROOT / "platform" / "run.py"), "restore", str(backup), "--key", str(key)]

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(line, env=environment, capture_output=True, text=True, check=False)

    first, again = run(), run()

    assert first.returncode == 0, first.stderr
    assert "Starting PostgreSQL ...\nRestored " in first.stdout
    assert (again.returncode, "add --replace" in again.stderr) == (1, True)
    assert not (tmp_path / "var" / "postgres" / "data" / "postmaster.pid").exists()


def test_secrets_are_for_our_user_alone(backup: Path, key: Path) -> None:
    assert backup.stat().st_mode & 0o777 == key.stat().st_mode & 0o777 == 0o600
    assert b"AGE-SECRET-KEY" in key.read_bytes()
    assert b"lakeside" not in backup.read_bytes()
