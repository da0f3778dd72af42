"""The Kubernetes manifests: valid, complete, and of the same containers as the compose file."""

import math
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from switchyard.env import ROOT

from jobs.fleet import ENDS_WITHIN_SECONDS
from jobs.settings import switchyard
from tests.switchyard.container_files import (
    MANIFESTS,
    compose_containers,
    documents,
    kubernetes_containers,
    kubernetes_settings,
)

VERSION = "1.30"
BASE = documents(MANIFESTS / "base")
KEDA = documents(MANIFESTS / "keda")
WRITABLE = {"/var/lib/switchyard", "/var/lib/switchyard/files", "/tmp"}  # noqa: S108  (of the container)
MARGIN = 2

# The fields that KEDA requires, and those that we use: https://keda.sh/docs/latest/reference/scaledobject-spec/,
# https://keda.sh/docs/latest/scalers/metrics-api/ and the resource definitions of KEDA's own repository.
TEXT = {"type": "string", "minLength": 1}
NAMED = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
COUNT = {"type": "integer", "minimum": 1}
METRICS_API = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "required": ["url", "valueLocation", "targetValue"],
    "properties": {
        "format": {"enum": ["json", "xml", "yaml", "prometheus"]},
        "authMode": {"enum": ["apiKey", "basic", "tls", "bearer"]},
        "targetValue": {"pattern": r"^[1-9]\d*$"},
    },
}
SCALED_OBJECT = {
    "type": "object",
    "required": ["scaleTargetRef", "triggers"],
    "additionalProperties": False,
    "properties": {
        "scaleTargetRef": {**NAMED, "additionalProperties": False},
        "pollingInterval": COUNT,
        "minReplicaCount": COUNT,
        "maxReplicaCount": COUNT,
        "advanced": {"type": "object", "required": ["horizontalPodAutoscalerConfig"]},
        "triggers": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["type", "metadata"],
                "additionalProperties": False,
                "properties": {
                    "type": {"const": "metrics-api"},
                    "metadata": METRICS_API,
                    "authenticationRef": NAMED,
                },
            },
        },
    },
}


def of_kind(kind: str, objects: list[dict[str, Any]] = BASE) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in objects if one["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    made = {**of_kind("Deployment"), **of_kind("Job")}
    return {name: one["spec"]["template"]["spec"] for name, one in made.items()}


@pytest.mark.parametrize("manifest", BASE, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_manifest_keeps_the_schema(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, VERSION, strict=True)


@pytest.mark.parametrize("manifest", KEDA, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_manifest_of_keda_has_the_required_fields(manifest: dict[str, Any]) -> None:
    assert manifest["apiVersion"] == "keda.sh/v1alpha1"
    if manifest["kind"] == "ScaledObject":
        jsonschema.validate(manifest["spec"], SCALED_OBJECT)
        behaviour = manifest["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "any"}
        scaler = {"scaleTargetRef": target, "maxReplicas": 2, "behavior": behaviour}
        whole = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "spec": scaler}
        kubernetes_validate.validate(whole, VERSION, strict=True)


def test_every_manifest_is_named_by_its_kustomization() -> None:
    for folder in ("base", "keda"):
        named = yaml.safe_load((MANIFESTS / folder / "kustomization.yaml").read_text())["resources"]
        files = {file.name for file in (MANIFESTS / folder).glob("*.yaml")} - {"kustomization.yaml"}
        assert set(named) == files


def test_containers_are_those_of_the_compose_file() -> None:
    compose, kubernetes = compose_containers(), kubernetes_containers()
    assert {name: one.command for name, one in kubernetes.items()} == {
        name: one.command for name, one in compose.items()
    }
    assert {name: one.check for name, one in kubernetes.items()} == {
        name: one.check for name, one in compose.items()
    }


def test_pods_get_time_to_end() -> None:
    web = pods()["web"]
    pause = int(web["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    settings = (ROOT / "platform" / "deploy" / "gunicorn.conf.py").read_text()
    (graceful,) = [line for line in settings.splitlines() if line.startswith("graceful_timeout")]
    pages = int(graceful.rpartition("=")[2])
    assert web["terminationGracePeriodSeconds"] >= pause + MARGIN * pages
    for name, pod in pods().items():
        if name.startswith(("worker-", "supervisor")):
            assert pod["terminationGracePeriodSeconds"] >= MARGIN * ENDS_WITHIN_SECONDS


def test_pods_run_without_rights_on_a_file_system_that_cannot_be_written() -> None:
    for pod in pods().values():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] is True
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert {mount["mountPath"] for mount in container["volumeMounts"]} <= WRITABLE
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"]


def test_pods_that_ask_the_database_wait_for_its_migrations() -> None:
    waiting = {name for name, pod in pods().items() if "initContainers" in pod}
    assert waiting == set(pods()) - {"migrate", "flower"}


def test_every_lane_has_pods_that_are_scaled_and_may_be_moved() -> None:
    workers = {f"worker-{lane}" for lane in switchyard().lanes}
    deployments, scaled = of_kind("Deployment"), of_kind("ScaledObject", KEDA)
    assert {name for name in deployments if name.startswith("worker-")} == workers
    assert set(scaled) == workers
    assert set(of_kind("PodDisruptionBudget")) == workers | {"web", "supervisor"}
    for name in workers:
        lane = name.removeprefix("worker-")
        labels = deployments[name]["spec"]["selector"]["matchLabels"]
        assert labels["lane"] == lane
        assert deployments[name]["spec"]["template"]["metadata"]["labels"] == labels
        assert of_kind("PodDisruptionBudget")[name]["spec"]["selector"]["matchLabels"] == labels
        assert scaled[name]["spec"]["scaleTargetRef"] == {"name": name}
        (trigger,) = scaled[name]["spec"]["triggers"]
        assert trigger["metadata"]["valueLocation"] == f'switchyard_workers_wanted{{lane="{lane}"}}'


def test_pods_hold_all_workers_to_which_a_lane_may_grow() -> None:
    for name, scaled in of_kind("ScaledObject", KEDA).items():
        lane = switchyard().lanes[name.removeprefix("worker-")]
        (trigger,) = scaled["spec"]["triggers"]
        assert lane.most_workers is not None
        pods_at_most = math.ceil(lane.most_workers / int(trigger["metadata"]["targetValue"]))
        assert pods_at_most <= scaled["spec"]["maxReplicaCount"]


def test_what_scales_may_read_the_metrics() -> None:
    (access,) = of_kind("TriggerAuthentication", KEDA).values()
    (secret,) = access["spec"]["secretTargetRef"]
    assert secret == {"parameter": "token", "name": "secrets", "key": "METRICS_TOKEN"}
    assert secret["key"] in kubernetes_settings()
    assert "web.switchyard.svc" in kubernetes_settings()["ALLOWED_HOSTS"].split(",")


def test_example_changes_only_what_the_base_has() -> None:
    (settings,) = of_kind("ConfigMap", documents(MANIFESTS / "example")).values()
    assert settings["data"].keys() <= of_kind("ConfigMap")["settings"]["data"].keys()
    (secrets,) = of_kind("Secret", documents(MANIFESTS / "example")).values()
    kubernetes_validate.validate(secrets, VERSION, strict=True)


def test_pods_have_the_memory_that_their_workers_may_take_at_once() -> None:
    document = switchyard().files.document_memory_megabytes
    prefork = [lane for lane in switchyard().lanes.values() if lane.pool == "prefork"]
    for lane in prefork:
        name = f"worker-{lane.name}"
        (container,) = of_kind("Deployment")[name]["spec"]["template"]["spec"]["containers"]
        (trigger,) = of_kind("ScaledObject", KEDA)[name]["spec"]["triggers"]
        each = lane.child_megabytes + lane.part_megabytes + (document if "packets" in lane.name else 0)
        gigabytes = int(container["resources"]["limits"]["memory"].removesuffix("Gi"))
        assert gigabytes * 1024 >= 250 + int(trigger["metadata"]["targetValue"]) * each, name
    assert len(prefork) > 2
