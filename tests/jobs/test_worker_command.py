"""`manage.py worker`: refuses what cannot work before it starts."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from jobs.resizing import keep_size
from jobs.settings import switchyard

ROOT = Path(__file__).parents[2]


def test_unknown_lane_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(CommandError, match=r"There is no lane 'packet'.*Did you mean 'packets'\?"):
        call_command("worker", "packet")


@pytest.mark.parametrize(("options", "pool"), [([], "threads"), (["--pool=prefork"], "prefork")])
def test_worker_has_the_pool_that_its_supervisor_names(options: list[str], pool: str) -> None:
    command = "jobs.management.commands.worker."
    with (
        mock.patch(f"{command}work_lane", return_value=0) as work,
        mock.patch(f"{command}quit_at_once"),
        mock.patch(f"{command}Tallying"),
    ):
        call_command("worker", "codes", *options)
    assert work.call_args.args[0].pool == pool


@pytest.mark.parametrize("command", [["worker", "codes"], ["supervisor"], ["prepare"]])
def test_wrong_setting_stops_the_start_and_is_named(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "wrong.py").write_text(
        "from switchyard.settings import *\nSWITCHYARD['lanes']['codes']['workers'] = 0\n"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "wrong",
        "SECRET_KEY": "for-tests",
    }
    ran = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "SWITCHYARD['lanes']['codes']['workers'] is 0 (parts at once)." in ran.stderr
    assert "HINT: Write a whole number from 1 to 1,000." in ran.stderr


def test_worker_of_a_service_asks_itself_to_end_once_another_pool_is_wanted(settings: Settings) -> None:
    worker, asked = mock.Mock(is_ending=False), threading.Event()
    worker.pool.num_processes = switchyard().lanes["codes"].workers
    lanes = {
        **settings.SWITCHYARD["lanes"],
        "codes": {**settings.SWITCHYARD["lanes"]["codes"], "pool": "prefork"},
    }
    lane = switchyard().lanes["codes"]
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": lanes}
    keep_size(worker, lane=lane, worker="codes@here-1", on_told=print, on_other_pool=asked.set)
    assert asked.wait(10)
