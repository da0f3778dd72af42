"""The production shape: a valid compose file, and an image whose files are all there."""

from typing import Any

import pytest
import yaml
from compose_spec import ComposeSpecification, PyCompose
from switchyard.env import ROOT

from jobs.fleet import ENDS_WITHIN_SECONDS
from jobs.settings import switchyard
from tests.switchyard.container_files import COMPOSE_FILE, compose_containers, compose_services, filled

DEPLOY = ROOT / "platform" / "deploy"
MARGIN = 2
"""So many times as long as it takes on an idle machine a container gets to end."""


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return compose_services()


def test_compose_file_keeps_the_schema() -> None:
    text = filled(COMPOSE_FILE.read_text())
    merged = yaml.safe_load(text)
    ComposeSpecification.model_validate(merged)
    PyCompose.from_yaml(yaml.safe_dump(merged))


def test_what_stands_in_env_reaches_all_containers_of_the_platform(services: dict[str, Any]) -> None:
    ours = [service for service in services.values() if "build" in service]
    assert len(ours) > len(switchyard().lanes)
    for service in ours:
        assert service["env_file"] == [{"path": ".env", "required": False}]
        # What stands here as well would be given twice, and counts: it must say something that .env cannot.
        assert all(value for name, value in service["environment"].items() if name != "METRICS_TOKEN")


def test_each_lane_has_a_worker_service(services: dict[str, Any]) -> None:
    workers = {name.removeprefix("worker-") for name in services if name.startswith("worker-")}
    assert workers == set(switchyard().lanes)
    for lane in workers:
        assert services[f"worker-{lane}"]["command"][2:4] == ["supervisor", f"--only={lane}"]


def test_every_lasting_service_starts_again_by_itself(services: dict[str, Any]) -> None:
    lasting = {name: service["restart"] for name, service in services.items() if name != "migrate"}
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
    steps = (DEPLOY / "Dockerfile").read_text().splitlines()
    assert "USER 10001:10001" in steps
    copied = {line.split()[1] for line in steps if line.startswith("COPY ") and "--from" not in line}
    assert all((ROOT / path).exists() for path in copied)


def test_every_lasting_container_has_a_check_and_time_to_end() -> None:
    lasting = {name: one for name, one in compose_containers().items() if name != "migrate"}
    assert [name for name, one in lasting.items() if one.check is None] == []
    assert all(one.grace_seconds >= MARGIN * ENDS_WITHIN_SECONDS for one in lasting.values())


def test_image_needs_no_file_of_another_stage_but_the_packages() -> None:
    stages = (DEPLOY / "Dockerfile").read_text().split("\nFROM ")
    assert len(stages) == 3
    assert all("python:3." in stage.splitlines()[0] for stage in stages[1:])
    assert "apt-get" not in stages[2]
    assert " install " not in stages[2].replace("install --directory", "")


def test_secrets_beside_the_compose_file_are_kept_out_of_the_image() -> None:
    assert ".env" in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()


def test_nginx_takes_the_largest_file_that_the_settings_allow() -> None:
    files = switchyard().files
    largest = max(files.attachment_megabytes, files.upload_megabytes, files.document_megabytes)
    (limit,) = [
        int(words[1].removesuffix("m;"))
        for line in (DEPLOY / "nginx.conf").read_text().splitlines()
        if (words := line.split()) and words[0] == "client_max_body_size"
    ]
    assert largest < limit <= 2 * largest
