"""The production shape: a valid compose file, whose commands all start, get ready, and end when asked."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import psutil
import psycopg2
import pytest
import yaml
from compose_spec import ComposeSpecification, PyCompose
from switchyard.env import ROOT
from switchyard.yard.answers import page_answers
from switchyard.yard.group import Group
from switchyard.yard.ports import free_ports
from switchyard.yard.programs import Child, Program, run_to_its_end, wait_until_ready

from jobs.settings import switchyard
from jobs.testing import wait_until
from tests.databases import make_database

COMPOSE_FILE = ROOT / "docker-compose.yml"
GIVEN = {
    "SECRET_KEY": "fifty-characters-that-nobody-guesses-0123456789-abcdefgh",
    "HOSTS": "careers.example",
    "ORIGINS": "https://careers.example",
    "POSTGRES_PASSWORD": "database",
    "RABBITMQ_PASSWORD": "broker",
    "FLOWER_SECRET": "flower",
    "MAIL_RELAY_HOST": "127.0.0.1",
    "SITE_URL": "https://careers.example",
    "MAIL_FROM": "careers@careers.example",
    "CERTIFICATES": "/etc/ssl",
}
START_SECONDS = 60
REPLACED_SECONDS = 60
LANES = ("codes", "mail", "bulk", "bulk-slow", "packets", "packets-slow", "uploads", "webhooks")
END_SECONDS = 20


def filled(text: str) -> str:
    """Return the text with its ${NAME:?hint} and ${NAME:-default} replaced as compose does."""
    return re.sub(
        r"\$\{(\w+):([?-])([^}]*)\}",
        lambda found: GIVEN[found[1]] if found[2] == "?" else GIVEN.get(found[1], found[3]),
        text,
    )


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(yaml.safe_load(filled(COMPOSE_FILE.read_text()))["services"])


def test_compose_file_keeps_the_schema() -> None:
    text = filled(COMPOSE_FILE.read_text())
    merged = yaml.safe_load(text)
    ComposeSpecification.model_validate(merged)
    PyCompose.from_yaml(yaml.safe_dump(merged))


def test_each_lane_has_a_worker_service(services: dict[str, Any]) -> None:
    workers = {name.removeprefix("worker-") for name in services if name.startswith("worker-")}
    assert workers == set(switchyard().lanes)
    for lane in workers:
        assert services[f"worker-{lane}"]["command"][-2:] == ["supervisor", f"--only={lane}"]


def test_every_lasting_service_starts_again_by_itself(services: dict[str, Any]) -> None:
    lasting = {name: service["restart"] for name, service in services.items() if name != "prepare"}
    assert set(lasting.values()) == {"unless-stopped"}


def test_services_wait_for_those_that_exist(services: dict[str, Any]) -> None:
    waited_for = {name for service in services.values() for name in service.get("depends_on", {})}
    assert waited_for <= set(services)
    healthy = {
        name
        for service in services.values()
        for name, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }
    assert all("healthcheck" in services[name] for name in healthy)


def test_image_runs_as_an_unprivileged_user() -> None:
    steps = (ROOT / "platform" / "deploy" / "Dockerfile").read_text().splitlines()
    assert "USER switchyard" in steps
    copied = {line.split()[1] for line in steps if line.startswith("COPY ") and "--from" not in line}
    assert all((ROOT / path).exists() for path in copied)


class Production:
    """Starts the compose file's commands as local processes, with servers of this machine."""

    def __init__(self, *, services: dict[str, Any], group: Group, local: dict[str, str]) -> None:
        """Start `services` in `group`; `local` replaces what their environment says."""
        self._services = services
        self._group = group
        self.local = local
        self.database_url = local["DATABASE_URL"]

    def start(self, name: str, *, is_ready: Callable[[], bool]) -> Child:
        service = self._services[name]
        environment = {key: str(value) for key, value in service["environment"].items()}
        paths = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
        base = {"PATH": os.environ["PATH"], "HOME": "/tmp", "PYTHONPATH": paths}  # noqa: S108  (nothing is written)
        settings = {"DJANGO_SETTINGS_MODULE": "switchyard.settings", "PYTHONFAULTHANDLER": "1"}
        return self._group.start(
            Program(
                name=name,
                command=local_command(service["command"]),
                environment=base | settings | environment | self.local,
                is_ready=is_ready,
            )
        )

    def is_present(self, lane: str) -> bool:
        return bool(self.workers(lane))

    def workers(self, lane: str) -> set[int]:
        """Return the process ids of the lane's workers that are present."""
        connection = psycopg2.connect(self.database_url)
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT name FROM jobs_workerpresence WHERE lane = %s", [lane])
            names = [name for (name,) in cursor.fetchall()]
        connection.close()
        return {int(name.rpartition("-")[2]) for name in names}


def local_command(command: list[str]) -> list[str]:
    """Return the command as this machine's virtual environment runs it."""
    if command[0] == "python":
        words = [word.replace("--metrics-port=9100", "--metrics-port=0") for word in command[2:]]
        return [sys.executable, str(ROOT / command[1]), *words]
    local = [part.replace("platform/deploy", str(ROOT / "platform" / "deploy")) for part in command[1:]]
    return [sys.executable, "-m", command[0], *local]


def end(child: Child) -> None:
    """Ask the process to end as a container engine does, and see it end; else show where it hangs."""
    child.terminate()
    try:
        child.wait(timeout=END_SECONDS)
    except subprocess.TimeoutExpired:
        child.process.send_signal(signal.SIGABRT)
        child.wait(timeout=END_SECONDS)
    assert child.poll() == 0, child.last_lines(count=200)


@pytest.fixture(scope="module")
def production(
    services: dict[str, Any],
    servers: Group,
    postgres: str,
    production_rabbitmq: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Production:
    """A database that is prepared, and a RabbitMQ, for the commands."""
    web_port, flower_port = free_ports(2)
    local = {
        "DATABASE_URL": make_database(postgres, name="production"),
        "BROKER_URL": production_rabbitmq,
        "SWITCHYARD_VAR": str(tmp_path_factory.mktemp("production")),
        "WEB_BIND": f"127.0.0.1:{web_port}",
        "FLOWER_PORT": str(flower_port),
        "FLOWER_ADDRESS": "127.0.0.1",
    }
    production = Production(services=services, group=servers, local=local)
    preparing = production.start("prepare", is_ready=lambda: True)
    run_to_its_end(preparing, look=lambda: None)
    return production


@pytest.mark.journey
@pytest.mark.parametrize("lane", LANES)
def test_command_of_a_worker_service_gets_ready_and_ends(production: Production, lane: str) -> None:
    child = production.start(f"worker-{lane}", is_ready=lambda: production.is_present(lane))
    wait_until_ready([child], seconds=START_SECONDS)
    end(child)
    assert not production.is_present(lane)


@pytest.mark.journey
def test_worker_of_a_service_that_stands_still_is_replaced(production: Production) -> None:
    child = production.start("worker-codes", is_ready=lambda: production.is_present("codes"))
    wait_until_ready([child], seconds=START_SECONDS)
    (frozen,) = production.workers("codes")
    os.kill(frozen, signal.SIGSTOP)
    wait_until(lambda: bool(production.workers("codes") - {frozen}), seconds=REPLACED_SECONDS)
    wait_until(lambda: not psutil.pid_exists(frozen), seconds=REPLACED_SECONDS)
    end(child)


@pytest.mark.journey
def test_command_of_the_web_service_gets_ready_and_ends(production: Production) -> None:
    port = int(production.local["WEB_BIND"].rpartition(":")[2])
    child = production.start("web", is_ready=lambda: page_answers(port=port, path="/health"))
    wait_until_ready([child], seconds=START_SECONDS)
    end(child)


@pytest.mark.journey
def test_command_of_the_flower_service_gets_ready_and_ends(production: Production) -> None:
    port = int(production.local["FLOWER_PORT"])
    child = production.start(
        "flower", is_ready=lambda: page_answers(port=port, path="/ops/flower/healthcheck")
    )
    wait_until_ready([child], seconds=START_SECONDS)
    end(child)


@pytest.mark.journey
def test_command_of_the_supervisor_service_gets_ready_and_ends(production: Production) -> None:
    child = production.start("supervisor", is_ready=lambda: "supervising" in child.last_lines())
    wait_until_ready([child], seconds=START_SECONDS)
    end(child)
