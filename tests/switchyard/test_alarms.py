"""Alarms and dashboard ask for figures that the platform tells, by labels that these have."""

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from switchyard.env import ROOT

from emails.measures import HANDOVER
from jobs import canaries, measures, reading
from jobs.breakers import guarding
from jobs.models import Bucket, Sweep
from jobs.scraping.page import page
from jobs.settings import switchyard
from jobs.tallies import tallies
from jobs.tallying import write
from jobs.testing import run_parts

ALARMS = ROOT / "platform" / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "platform" / "deploy" / "grafana" / "switchyard.json"
CASES = ROOT / "tests" / "switchyard" / "alarms.yml"
SELECTED = re.compile(r"(switchyard_\w+)(?:\{([^}]*)\})?")
GROUPED = re.compile(r"\b(?:by|on|without) \(([^)]*)\)")
FROM_PROMETHEUS = {"instance", "alertname"}
LABELS = {"lane", "kind", "outcome", "service", "unit", "folder", "attached", "process", "reason", "le"}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALARMS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> list[str]:
    """Return what alarms and dashboard ask, as Prometheus gets it."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    filled = [each.replace("$__rate_interval", "1m").replace("$lane", ".*") for each in asked]
    return [*(rule["expr"] for rule in rules()), *filled]


@pytest.fixture
def told(db: None, client: Client, settings: Settings) -> dict[str, set[str]]:
    """Every figure of a platform in which everything has happened once, with its labels."""
    let_all_happen(settings)
    page.forget()
    text = client.get("/metrics", HTTP_HOST="127.0.0.1").content.decode()
    page.forget()
    return {
        sample.name: {*sample.labels}
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def let_all_happen(settings: Settings) -> None:
    lanes = settings.SWITCHYARD["lanes"]
    settings.SWITCHYARD = {
        **settings.SWITCHYARD,
        "lanes": {**lanes, "mail": {**lanes["mail"], "rate": 10}},
    }
    now = timezone.now()
    Bucket.objects.create(name="lane:mail:units", lane="mail", rate=10, tokens=1, filled_at=now)
    Sweep.objects.create(at=now, doorbells=dict.fromkeys(lanes, 0))
    for _ in range(switchyard().breakers.failures):
        with guarding("relay:mail.example:25", now=now) as visit:
            visit.failed("It does not answer.", now=now)
    canaries.send(now=now - timedelta(seconds=1))
    run_parts()
    reading.read(now=now)
    HANDOVER.observe(1, "none")
    measures.RING.observe(1, "mail")
    measures.RINGS_FAILED.add("mail")
    measures.WORKERS_REPLACED.add("mail", "worker", "memory")
    write()
    assert not tallies.take()


def test_alarms_and_dashboard_ask_for_figures_that_are_told(told: dict[str, set[str]]) -> None:
    asked = {name for each in expressions() for name, _ in SELECTED.findall(each)}
    assert len(asked) > 20
    assert asked <= set(told)


def test_figures_have_the_labels_that_are_asked_for(told: dict[str, set[str]]) -> None:
    for each in expressions():
        names = SELECTED.findall(each)
        known = FROM_PROMETHEUS.union(*(told[name] for name, _ in names))
        grouped = {label.strip() for group in GROUPED.findall(each) for label in group.split(",")} - {""}
        assert grouped <= known, each
        for name, matchers in names:
            assert set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", matchers)) <= told[name] | FROM_PROMETHEUS, each


def test_no_figure_names_a_school_a_job_or_an_address(told: dict[str, set[str]]) -> None:
    assert set().union(*told.values()) == LABELS


def test_names_keep_to_the_conventions(told: dict[str, set[str]]) -> None:
    for name in told:
        assert re.fullmatch(r"switchyard(_[a-z]+)+", name), name
        if "wait" in name.split("_") or "age" in name.split("_"):
            assert "_seconds" in name or "_waiting" in name


def test_each_alarm_says_what_is_wrong_and_what_to_do_first() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) > 10
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert set(rule["annotations"]) == {"summary", "first"}
        for sentence in rule["annotations"].values():
            assert sentence.rstrip().endswith(".")


def test_each_panel_says_what_it_shows() -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert all(panel["title"] and panel["description"] and panel["targets"] for panel in panels)
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    places = [tuple(panel["gridPos"][side] for side in "xywh") for panel in dashboard["panels"]]
    cells = [(left + x, top + y) for left, top, w, h in places for x in range(w) for y in range(h)]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


@pytest.fixture
def promtool() -> str:
    """Prometheus' own checker."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is missing: Debian's package prometheus")
    return found


def test_prometheus_takes_the_alarms_and_all_that_the_dashboard_asks(promtool: str, tmp_path: Path) -> None:
    recorded = [{"record": f"asked:{place}", "expr": each} for place, each in enumerate(expressions())]
    asked = tmp_path / "asked.yml"
    asked.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": recorded}]}))
    checked = subprocess.run(
        [promtool, "check", "rules", str(ALARMS), str(asked)], check=False, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_alarms_come_when_they_should_and_else_do_not(promtool: str, tmp_path: Path) -> None:
    for path in (ALARMS, CASES):
        shutil.copy(path, tmp_path)
    ran = subprocess.run(
        [promtool, "test", "rules", CASES.name], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.django_db
def test_prometheus_takes_the_page(promtool: str, client: Client) -> None:
    page.forget()
    text = client.get("/metrics", HTTP_HOST="127.0.0.1").content
    page.forget()
    checked = subprocess.run([promtool, "check", "metrics"], input=text, check=False, capture_output=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
