"""`manage.py prepare`: what is done before web and workers start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from switchyard.env import ROOT

from tests.databases import make_database


@pytest.mark.journey
def test_nobody_asks_an_empty_database_for_settings(postgres: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
        "SECRET_KEY": "fifty-characters-that-nobody-guesses-0123456789-abcdefgh",
        "SWITCHYARD_VAR": str(tmp_path),
        "DATABASE_URL": make_database(postgres, name="prepared"),
    }
    command = [sys.executable, str(ROOT / "manage.py"), "prepare"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "settings_not_read" not in ran.stderr
