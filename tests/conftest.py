"""What all tests share: a PostgreSQL and a Valkey of their own, and the last line about what was left out."""

import os
import signal
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import hypothesis
import pytest
from django.conf import settings
from django.db import connections
from pytest_django import Settings
from switchyard.database import ENGINE
from switchyard.yard.group import Group, running_group
from switchyard.yard.ports import free_ports
from switchyard.yard.postgres import Postgres
from switchyard.yard.programs import wait_until_ready
from switchyard.yard.valkey import Valkey

from jobs.lately import Lately
from jobs.settings import follow
from tests.beside import Beside, Overseer, folder_of_run
from tests.databases import make_database
from tests.rabbitmq import is_installed, running_rabbitmq
from tests.seeds import Seed, migrate

# One running yard serves the journeys and the browser; a virus scanner whoever hands in files.
pytest_plugins = ("tests.journeys.yards", "tests.scanner")

START_SECONDS = 60
NOWHERE = "redis://127.0.0.1:1/0"


def pytest_configure(config: pytest.Config) -> None:
    """Give Django what the yard would give it: a secret key, pages without TLS; and quick passwords."""
    if getattr(config.option, "dist", "no") == "no":  # in a process that another one hands tests, too
        config.pluginmanager.register(Beside(folder_of_run(config)))
    else:
        config.pluginmanager.register(Overseer())
    # Whether a test passes must not hang on how much else this machine does.
    slow_machine = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("tests", deadline=None, suppress_health_check=slow_machine)
    hypothesis.settings.load_profile("tests")
    settings.SECRET_KEY = "for-tests"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SECURE_SSL_REDIRECT = False
    settings.STATIC_ROOT = settings.ROOT / "platform" / "switchyard" / "static"
    settings.WHITENOISE_AUTOREFRESH = True  # else it warns of the folder that only a yard collects
    # A yard that runs beside the tests notes where its servers are; the tests must not find them.
    settings.CELERY_BROKER_URL = NOWHERE
    # A test sees at once what it has changed; those of `jobs.lately` keep something.
    Lately.seconds = 0
    # Nothing asks the database for settings behind a test's back; `live_settings` of the core's tests does.
    follow(None)
    settings.FLOWER_URL = settings.FLOWER_SECRET = settings.MAIL_CATCHER_FOLDER = ""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Say last what was left out and why; with SWITCHYARD_LEAVE_NOTHING_OUT=1 that is a failure."""
    yield
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:  # a process that another one hands tests
        return
    reasons = Counter(reason_of(report) for report in reporter.stats.get("skipped", []))
    if not reasons:
        reporter.write_line("Nothing was left out.")
        return
    told = "; ".join(f"{count} because {reason}" for reason, count in sorted(reasons.items()))
    reporter.write_line(f"Left out: {told}.")
    if os.environ.get("SWITCHYARD_LEAVE_NOTHING_OUT") == "1":
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return the reason that a skipped test gives."""
    place = report.longrepr
    reason = place[2] if isinstance(place, tuple) else str(place)
    return reason.removeprefix("Skipped: ").rstrip(".")


@pytest.fixture(autouse=True)
def _files_of_the_test(tmp_path: Path, settings: Settings) -> None:
    """Let no test read or write the files of a yard."""
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.STATUS_FOLDER = str(tmp_path / "status")
    settings.MAIL = {**settings.MAIL, "spool_folder": str(tmp_path / "spool")}


@pytest.fixture(scope="session")
def servers() -> Iterator[Group]:
    """A process group for the tests' servers; all of it has ended when the tests have, also after Ctrl-C."""
    with (
        tempfile.TemporaryDirectory(prefix="switchyard-tests-") as folder,
        running_group(logs=Path(folder)) as group,
    ):
        yield group


@pytest.fixture(scope="session")
def run_folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder that all processes of this run share."""
    if shared := folder_of_run(request.config):
        yield shared
        return
    with tempfile.TemporaryDirectory(prefix="switchyard-run-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def seed(servers: Group) -> Seed:
    """A PostgreSQL that has all tables, to be copied."""
    return Seed(group=servers)


@pytest.fixture(scope="session")
def postgres(servers: Group, seed: Seed) -> Iterator[str]:
    """The address of a PostgreSQL server: DATABASE_URL when set, else an embedded one."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="switchyard-postgres-") as folder:
        server = Postgres(home=Path(folder) / "postgres", port=free_ports(1)[0], durable=False)
        seed.plant(server.home)
        server.prepare()
        child = servers.start(server.program())
        wait_until_ready([child], seconds=START_SECONDS)
        yield server.url
        child.process.send_signal(signal.SIGQUIT)
        child.process.wait()


@pytest.fixture(scope="session")
def migrated(postgres: str, run_folder: Path, worker_id: str) -> str:
    """The name of a database with all tables, which `make_database` makes others like."""
    if not os.environ.get("DATABASE_URL"):
        return Postgres.database
    name = f"migrated_{worker_id}"
    migrate(make_database(postgres, name=name), var=run_folder)
    return name


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    postgres: str, migrated: str, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Point Django to the tests' PostgreSQL; each process has a database of its own there."""
    database = connections["default"].settings_dict
    database.update(dj_database_url.parse(postgres, engine=ENGINE))
    database["TEST"]["TEMPLATE"] = migrated


@pytest.fixture(scope="session", autouse=True)
def _claims_are_patient() -> Iterator[None]:
    """Let a part take its time: a claim's own limits last on in the transaction that a test is in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jobs.claiming.FROZEN_AFTER", "2min")
        yield


@pytest.fixture(scope="session", autouse=True)
def _lease_keepers_have_ended(django_db_setup: None) -> Iterator[None]:
    """Let the threads that keep leases end before the database goes: they linger for a moment."""
    yield
    for thread in threading.enumerate():
        if thread.name == "lease-keeper":
            thread.join(timeout=5)


@pytest.fixture(scope="session")
def valkey(servers: Group) -> Iterator[str]:
    """The address of a Valkey server of the tests' own, as BROKER_URL takes it."""
    with tempfile.TemporaryDirectory(prefix="switchyard-valkey-") as folder:
        server = Valkey(home=Path(folder), port=free_ports(1)[0], password="for-tests")
        server.prepare()
        child = servers.start(server.program())
        wait_until_ready([child], seconds=START_SECONDS)
        yield server.url
        child.process.kill()
        child.process.wait()


@pytest.fixture(scope="session")
def rabbitmq(servers: Group) -> Iterator[str]:
    """The address of a RabbitMQ server of the tests' own, where the machine has Debian's package."""
    yield from serve_rabbitmq(servers)


@pytest.fixture(scope="session")
def production_rabbitmq(servers: Group) -> Iterator[str]:
    """A RabbitMQ for quorum queues alone: a queue keeps the type that it was made with."""
    yield from serve_rabbitmq(servers)


def serve_rabbitmq(servers: Group) -> Iterator[str]:
    """Run a RabbitMQ with a folder of its own."""
    if not is_installed():
        pytest.skip("this machine has no rabbitmq-server")
    with (
        tempfile.TemporaryDirectory(prefix="switchyard-rabbitmq-") as folder,
        running_rabbitmq(group=servers, home=Path(folder)) as url,
    ):
        yield url
