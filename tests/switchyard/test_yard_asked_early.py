"""A yard that is asked to end in its first moment, while Python still starts and imports."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from switchyard.env import ROOT


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_yard_asked_to_end_before_it_has_started_says_so(tmp_path: Path, wish: signal.Signals) -> None:
    # As the Makefile does it: the signal waits until the yard can hear it, however slow this machine is.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [wish])
    try:
        yard = subprocess.Popen(
            [sys.executable, str(ROOT / "platform" / "run.py")],
            env={"PATH": os.defpath, "SWITCHYARD_VAR": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    yard.send_signal(wish)
    said, _ = yard.communicate(timeout=60)
    assert (yard.returncode, said) == (0, "Ended before anything was started.\n")
    assert list(tmp_path.iterdir()) == []


def test_make_run_keeps_the_wish_to_end_until_it_can_be_heard() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "--old-file=.venv/runtime", "run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "--block-signal=INT,TERM,HUP" in shown
    assert shown.strip().endswith("platform/run.py")
