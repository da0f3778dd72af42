"""Every command of the compose file and of the manifests starts, gets well, works, and ends when asked."""

import os
import signal

import psutil
import pytest
from switchyard.env import ROOT
from switchyard.yard.group import Group
from switchyard.yard.ports import free_ports
from switchyard.yard.programs import run_to_its_end, wait_until_ready

from jobs.testing import wait_until
from tests.databases import make_database
from tests.switchyard.container_files import (
    MANIFESTS,
    Container,
    compose_containers,
    documents,
    kubernetes_containers,
)
from tests.switchyard.container_processes import Production, end

# The manifests run the commands of the compose file, which test_kubernetes.py compares, in another
# environment: it is proved with one lane.
SOME = ("web", "worker-codes", "supervisor", "flower")
SHAPES = {
    "compose": compose_containers(),
    "kubernetes": {name: one for name, one in kubernetes_containers().items() if name in SOME},
}
WELL_SECONDS = 180
CANARY_SECONDS = 120
REPLACED_SECONDS = 60
DONE = "SELECT DISTINCT lane FROM jobs_job WHERE kind = 'jobs.canary' AND state = 'done' AND started_at > %s"

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def production(
    servers: Group, postgres: str, production_rabbitmq: str, tmp_path_factory: pytest.TempPathFactory
) -> Production:
    """A database that is prepared, and a RabbitMQ, for the commands."""
    folder = tmp_path_factory.mktemp("production")
    web_port, flower_port = free_ports(2)
    local = {
        "DATABASE_URL": make_database(postgres, name="production"),
        "BROKER_URL": production_rabbitmq,
        "SWITCHYARD_VAR": str(folder / "var"),
        "STATIC_FOLDER": str(folder / "static"),
        "WEB_BIND": f"127.0.0.1:{web_port}",
        "FLOWER_PORT": str(flower_port),
        "FLOWER_ADDRESS": "127.0.0.1",
    }
    production = Production(group=servers, folder=folder, local=local)
    for containers in (compose_containers(), kubernetes_containers()):
        run_to_its_end(production.start(containers["migrate"]), look=lambda: None)
    return production


@pytest.mark.parametrize("shape", list(SHAPES))
def test_containers_get_well_do_a_job_of_each_lane_and_end(production: Production, shape: str) -> None:
    containers = {name: one for name, one in SHAPES[shape].items() if name != "migrate"}
    expected = {name.removeprefix("worker-") for name in containers if name.startswith("worker-")}
    (began_at,) = production.query("SELECT now()")
    children = {name: production.start(container) for name, container in containers.items()}
    try:
        wait_until_ready(list(children.values()), seconds=WELL_SECONDS)
        lanes: set[str] = set()

        def all_lanes_did_one() -> bool:
            lanes.update(production.query(DONE, began_at))
            return lanes == expected

        wait_until(all_lanes_did_one, seconds=CANARY_SECONDS)
    finally:
        for child in children.values():
            child.terminate()
    for name, child in children.items():
        end(child, seconds=containers[name].grace_seconds)
    assert production.query("SELECT name FROM jobs_workerpresence") == set()


def test_keda_reads_how_many_workers_each_lane_wants(production: Production) -> None:
    web = kubernetes_containers()["web"]
    child = production.start(web)
    wait_until_ready([child], seconds=WELL_SECONDS)
    for scaled in documents(MANIFESTS / "keda"):
        if scaled["kind"] == "ScaledObject":
            asks = scaled["spec"]["triggers"][0]["metadata"]
            lines = production.answer(asks["url"], token=web.environment["METRICS_TOKEN"])
            (value,) = [line.rpartition(" ")[2] for line in lines if line.startswith(asks["valueLocation"])]
            assert float(value) >= 1
    child.terminate()
    end(child, seconds=web.grace_seconds)


def test_pods_go_on_once_the_migrations_are_done(production: Production) -> None:
    (waiting,) = {
        tuple(container["command"])
        for manifest in documents(MANIFESTS / "base")
        if manifest["kind"] == "Deployment"
        for container in manifest["spec"]["template"]["spec"].get("initContainers", [])
    }
    assert production.run_in_image(waiting).returncode == 0


def test_first_administrator_is_made_by_the_command_that_the_guide_names(production: Production) -> None:
    assert "python manage.py createsuperuser" in (ROOT / "docs" / "deploy.md").read_text()
    words = ["createsuperuser", "--no-input", "--email=first@careers.example", "--name=First"]
    made = production.run_in_image(["python", "manage.py", *words], DJANGO_SUPERUSER_PASSWORD="long-enough-1")
    assert made.returncode == 0, made.stderr
    assert production.query("SELECT role FROM jobs_person WHERE email = 'first@careers.example'") == {"admin"}


def test_worker_of_a_service_that_stands_still_is_replaced(production: Production) -> None:
    container = compose_containers()["worker-codes"]
    child = production.start(container)
    wait_until_ready([child], seconds=WELL_SECONDS)
    (frozen,) = production.workers("codes")
    os.kill(frozen, signal.SIGSTOP)
    wait_until(lambda: bool(production.workers("codes") - {frozen}), seconds=REPLACED_SECONDS)
    wait_until(lambda: not psutil.pid_exists(frozen), seconds=REPLACED_SECONDS)
    child.terminate()
    end(child, seconds=container.grace_seconds)


def test_static_files_of_the_image_are_collected_by_its_own_step(production: Production) -> None:
    (step,) = [
        line.partition("python ")[2].split()
        for line in (ROOT / "platform" / "deploy" / "Dockerfile").read_text().splitlines()
        if line.startswith("RUN SECRET_KEY=")
    ]
    migrate = compose_containers()["migrate"]
    collect = Container(
        name="collect",
        command=["python", *step],
        environment=migrate.environment,
        check=None,
        grace_seconds=1,
    )
    run_to_its_end(production.start(collect), look=lambda: None)
    assert (production.folder / "static" / "switchyard.css").exists()
