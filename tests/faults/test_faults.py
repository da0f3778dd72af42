"""The short fault run, on each broker: nothing is lost and nothing doubled, whatever is killed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from random import SystemRandom
from typing import Any

import psutil
import pytest
from switchyard.env import ROOT

from tests.beside import MEASURING
from tests.faults import schedule
from tests.rabbitmq import is_installed
from tests.seeds import Seed

pytestmark = [pytest.mark.journey, pytest.mark.fault]

LIMIT_SECONDS = 600
"""On a machine that others use a lot; alone it takes under two minutes."""
LEAST_PARTS = 200


def run(*, broker: str, folder: Path) -> dict[str, Any]:
    """Do a short run with a new seed, in a process of its own, and return its figures."""
    seed = SystemRandom().randrange(1_000_000)
    command = [sys.executable, "-m", "tests.faults", f"--broker={broker}", f"--seed={seed}"]
    paths = os.pathsep.join([str(ROOT / "platform"), str(ROOT)])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(MEASURING)}
    ran = subprocess.run(
        [*command, f"--folder={folder}"],
        cwd=ROOT,
        env=kept | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    print(ran.stdout)  # noqa: T201  (pytest shows seed and figures when the test fails)
    assert ran.stdout.count("\n") >= 2, ran.stderr[-5000:]
    figures: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def left_over(folder: Path) -> list[psutil.Process]:
    """Return the processes that still run with the run's folder."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "environ"])
        if str(folder) in " ".join(process.info["cmdline"] or [])
        or (process.info["environ"] or {}).get("SWITCHYARD_VAR", "").startswith(str(folder))
    ]


@pytest.mark.parametrize("broker", ["valkey", "rabbitmq"])
def test_nothing_is_lost_and_nothing_doubled_whatever_is_killed(
    broker: str, make_var: Any, seed: Seed
) -> None:
    if broker == "rabbitmq" and not is_installed():
        pytest.skip("this machine has no rabbitmq-server")
    folder = make_var()
    seed.plant(folder / "postgres")
    figures = run(broker=broker, folder=folder)
    assert figures["complaints"] == []
    assert (figures["lost"], figures["doubled"], figures["wrong"]) == (0, 0, 0)
    assert figures["parts"] > LEAST_PARTS
    assert len(figures["faults"]) > 5
    assert left_over(folder) == []


def test_seed_draws_the_same_faults_again() -> None:
    first, again = (schedule.draw(seed=7, seconds=60, rounds=2) for _ in range(2))
    assert first == again
    assert [fault.at_seconds for fault in first] == sorted(fault.at_seconds for fault in first)
    assert {fault.kind for fault in first} == set(schedule.ALL)
    assert schedule.draw(seed=8, seconds=60, rounds=2) != first
