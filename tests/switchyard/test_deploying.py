"""Django finds nothing to warn of in the settings that production has."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from switchyard.env import ROOT


def check(var: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Run Django's checks for production; a warning fails them."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, str(ROOT / "manage.py"), "check", "--deploy", "--fail-level=WARNING"]
    environment = {**kept, "SWITCHYARD_VAR": str(var), "PYTHONWARNINGS": "error", **given}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_production_has_nothing_to_be_warned_of(tmp_path: Path) -> None:
    ran = check(
        tmp_path,
        SECRET_KEY=secrets.token_urlsafe(50),
        ALLOWED_HOSTS="careers.example.edu",
        SITE_URL="https://careers.example.edu",
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "no issues" in ran.stdout


def test_secrets_of_production_may_stand_in_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{secrets.token_urlsafe(50)}\n")
    ran = check(tmp_path, SECRET_KEY_FILE=str(tmp_path / "key"), ALLOWED_HOSTS="careers.example.edu")
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("given", [{"SWITCHYARD_DEBUG": "on"}, {"SECRET_KEY": "short"}])
def test_what_is_unsafe_is_found(given: dict[str, str], tmp_path: Path) -> None:
    ran = check(tmp_path, **{"SECRET_KEY": secrets.token_urlsafe(50), **given})
    assert ran.returncode == 1
    assert "security.W" in ran.stderr
