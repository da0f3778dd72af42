"""Today's platform takes up what the release before left in its hands: each job ends once, and rightly."""

import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis
from aiosmtpd.controller import Controller
from django.utils import timezone
from switchyard.yard.ports import free_ports

from jobs.testing import wait_until
from tests.databases import make_database
from tests.journeys.platforms import ROOT, environment_of, supervisor
from tests.upgrade import recording

RELEASE = "0.1.0"
"""The newest release in CHANGELOG.md."""
FOLDER = Path(__file__).parent / RELEASE
END_SECONDS = 300
OPEN = "SELECT count(*) FROM jobs_job WHERE ended_at IS NULL AND kind NOT LIKE 'canary%'"
pytestmark = pytest.mark.journey


class Relay:
    """Takes mails, and knows who got which."""

    def __init__(self) -> None:
        """Have taken none."""
        self.taken: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's)
        """Take a mail."""
        subject = message_from_bytes(envelope.content, policy=policy.default)["Subject"]
        with self._lock:
            self.taken += [(subject, address) for address in envelope.rcpt_tos]
        return "250 OK"

    def got(self, subject: str) -> Counter[str]:
        """Return how often each address got the mail."""
        return Counter(address for each, address in self.taken if each == subject)


class Upgraded:
    """A platform on a database of the release before, whose jobs have come to their ends."""

    def __init__(self, *, database: str, broker: str, relay: Relay) -> None:
        """Look at it."""
        self.relay, self._database, self._broker = relay, database, broker

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what the database answers."""
        with closing(psycopg2.connect(self._database)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def waiting_doorbells(self) -> dict[str, int]:
        """Return how many doorbells lie in each queue of the release's."""
        with closing(redis.Redis.from_url(self._broker)) as broker:
            return {lane: int(broker.llen(lane)) for lane in recording.facts_of(FOLDER).doorbells}


@pytest.fixture(scope="module")
def upgraded(postgres: str, valkey: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """The platform, upgraded and run until nothing is open."""
    relay, folder = Relay(), tmp_path_factory.mktemp("upgrade")
    shutil.copytree(FOLDER / "files", folder / "files")
    controller = Controller(relay, hostname="127.0.0.1", port=free_ports(1)[0])
    controller.start()
    there = {
        "DATABASE_URL": make_database(postgres, name="upgrade"),
        "BROKER_URL": f"{valkey.rpartition('/')[0]}/13",
        "MAIL_RELAY_HOST": "127.0.0.1",
        "MAIL_RELAY_PORT": str(controller.port),
        "SWITCHYARD_DEMO": "on",
    }
    environment = environment_of(folder, settings="switchyard.settings", **there)
    platform = Upgraded(database=there["DATABASE_URL"], broker=there["BROKER_URL"], relay=relay)
    for command in (
        ["-m", "tests.upgrade.begin", RELEASE],
        [str(ROOT / "manage.py"), "migrate", "--verbosity=0"],
    ):
        subprocess.run([sys.executable, *command], env=environment, check=True)
    running = subprocess.Popen(supervisor(f"--logs={folder}"), env=environment, start_new_session=True)
    try:
        wait_until(lambda: platform.rows(OPEN) == [(0,)], seconds=END_SECONDS)
        wait_until(lambda: not any(platform.waiting_doorbells().values()), seconds=END_SECONDS)
        yield platform
    finally:
        running.terminate()
        running.wait(timeout=30)
        controller.stop()


def test_every_job_ends_as_it_should(upgraded: Upgraded) -> None:
    ended = upgraded.rows("SELECT kind, title, state FROM jobs_job WHERE id < 1000000 ORDER BY id")
    assert ended == [
        ("emails.mailing", "Half sent", "problems"),
        ("emails.mailing", "Waiting", "done"),
        ("packets.build", "Half built", "done"),
        ("packets.build", "Waiting", "done"),
        ("uploads.check", "Check of imported.csv", "done"),
        ("uploads.import", "Import of imported.csv", "done"),
        ("uploads.check", "Check of waiting.csv", "done"),
        ("emails.code", "Sign-in code", "done"),
    ]


def test_nobody_gets_a_mail_twice(upgraded: Upgraded) -> None:
    before = Counter(recording.facts_of(FOLDER).delivered)
    assert len(before) == 6
    half = before + upgraded.relay.got("Half sent")
    assert set(half.values()) == {1}
    assert len(half) == 12
    assert set(upgraded.relay.got("Waiting").values()) == {1}
    assert len(upgraded.relay.got("Waiting")) == 12


def test_mail_of_which_nobody_knows_stays_uncertain(upgraded: Upgraded) -> None:
    states = upgraded.rows("SELECT state, count(*) FROM emails_recipient GROUP BY state ORDER BY state")
    assert states == [("accepted", 23), ("uncertain", 1)]


def test_code_that_was_asked_for_arrives(upgraded: Upgraded) -> None:
    [(state,)] = upgraded.rows("SELECT state FROM emails_code")
    assert state == "sent"
    assert [address for _, address in upgraded.relay.taken].count("staff@harbour.example") == 1


def test_packets_have_all_documents(upgraded: Upgraded) -> None:
    """They are books now, as CHANGELOG.md says: a cover, contents, and a page in front of each student."""
    pages = 1 + 1 + 12 + 12
    built = upgraded.rows("SELECT title, pages FROM packets_packet ORDER BY id")
    assert built == [("Half built", pages), ("Waiting", pages)]


def test_import_is_done_once(upgraded: Upgraded) -> None:
    assert upgraded.rows("SELECT state FROM uploads_upload ORDER BY id") == [("imported",), ("checked",)]
    [(students, numbers)] = upgraded.rows("SELECT count(*), count(DISTINCT number) FROM uploads_student")
    assert students == numbers == 52


def test_what_was_done_is_left_alone(upgraded: Upgraded) -> None:
    done = "SELECT count(*) FROM jobs_part WHERE id < 1000000 AND worker LIKE '%@old-%' AND state = 'done'"
    assert upgraded.rows(done) == [(5,)]


def test_newest_release_has_a_recording() -> None:
    told = re.findall(r"^## (\d[\w.]*)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert told[0] == RELEASE
    assert recording.facts_of(FOLDER).release == RELEASE


@pytest.fixture
def new_tables(postgres: str, migrated: str) -> Iterator[Any]:
    """A cursor in a database with today's tables."""
    database = make_database(postgres, name="written_on", like=migrated)
    with closing(psycopg2.connect(database)) as connection, connection, connection.cursor() as cursor:
        yield cursor


def test_processes_of_the_release_before_may_write_on(new_tables: Any) -> None:
    """Its rows have no columns that it does not know: each new one can be empty, or has a default."""
    recording.restore(FOLDER, new_tables, now=timezone.now())
    new_tables.execute("SELECT count(*) FROM jobs_job")
    assert new_tables.fetchone() == (8,)


def test_column_that_they_could_not_fill_in_is_found(new_tables: Any) -> None:
    new_tables.execute("ALTER TABLE jobs_part ADD COLUMN another integer NOT NULL")
    with pytest.raises(psycopg2.errors.NotNullViolation):
        recording.restore(FOLDER, new_tables, now=timezone.now())
    new_tables.connection.rollback()
