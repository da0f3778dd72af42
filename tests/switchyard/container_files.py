"""What docker-compose.yml and the Kubernetes manifests run: containers with their checks and time to end."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from switchyard.env import ROOT

COMPOSE_FILE = ROOT / "docker-compose.yml"
MANIFESTS = ROOT / "platform" / "deploy" / "kubernetes"
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


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container that lasts, or one that ends by itself."""

    name: str
    command: list[str]
    environment: dict[str, str]
    check: list[str] | None
    """What tells that it is well; None for one that ends by itself."""
    grace_seconds: float
    """What it gets to end once it was asked to."""


def filled(text: str) -> str:
    """Return the text with its ${NAME:?hint} and ${NAME:-default} replaced as compose does."""
    return re.sub(
        r"\$\{(\w+):([?-])([^}]*)\}",
        lambda found: GIVEN[found[1]] if found[2] == "?" else GIVEN.get(found[1], found[3]),
        text,
    )


def compose_services() -> dict[str, Any]:
    """Return the services of docker-compose.yml by name."""
    return dict(yaml.safe_load(filled(COMPOSE_FILE.read_text()))["services"])


def compose_containers() -> dict[str, Container]:
    """Return the containers of our image in docker-compose.yml."""
    ours = {name: service for name, service in compose_services().items() if "build" in service}
    return {
        name: Container(
            name=name,
            command=service["command"],
            environment={key: str(value) for key, value in service["environment"].items()},
            check=service["healthcheck"]["test"][1:] if "healthcheck" in service else None,
            grace_seconds=float(service["stop_grace_period"].removesuffix("s")),
        )
        for name, service in ours.items()
    }


def documents(folder: Path) -> list[dict[str, Any]]:
    """Return all objects in the manifests of a folder, those within a List one by one."""
    found: list[dict[str, Any]] = []
    for file in sorted(folder.glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text()):
            found += document["items"] if document["kind"] == "List" else [document]
    return [document for document in found if document["kind"] not in {"Kustomization", "Component"}]


def kubernetes_containers() -> dict[str, Container]:
    """Return the containers of the manifests' base, by the name of what makes their pods."""
    pods = {
        document["metadata"]["name"]: document["spec"]["template"]["spec"]
        for document in documents(MANIFESTS / "base")
        if document["kind"] in {"Deployment", "Job"}
    }
    return {name: _kubernetes_container(name, pod) for name, pod in pods.items()}


def _kubernetes_container(name: str, pod: dict[str, Any]) -> Container:
    (container,) = pod["containers"]
    own = {variable["name"]: variable["value"] for variable in container.get("env", [])}
    return Container(
        name=name,
        command=container["command"],
        environment=kubernetes_settings() | own,
        check=container["readinessProbe"]["exec"]["command"] if "readinessProbe" in container else None,
        grace_seconds=pod.get("terminationGracePeriodSeconds", 30),
    )


def kubernetes_settings() -> dict[str, str]:
    """Return the variables of the base's config map, with the secrets of the example and a good key."""
    (settings,) = [one for one in documents(MANIFESTS / "base") if one["kind"] == "ConfigMap"]
    (secrets,) = [one for one in documents(MANIFESTS / "example") if one["kind"] == "Secret"]
    return {**settings["data"], **secrets["stringData"], "SECRET_KEY": GIVEN["SECRET_KEY"]}
