"""A signal that asks to end is heard, whatever it interrupts."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUPERVISOR = """
import threading
from jobs.asked import set_when_asked
asked = threading.Event()
set_when_asked(asked, signals=[signal.SIGTERM])
"""
YARD = """
from switchyard.yard.asking import Asking
asking = Asking()
asking.listen()
asked = asking._asked
"""
IN_THE_MIDDLE_OF_ITS_WAIT = """
with asked._cond:
    signal.raise_signal(signal.SIGTERM)
print(asked.wait(10))
"""


@pytest.mark.parametrize("listens", [SUPERVISOR, YARD])
def test_signal_in_the_middle_of_the_wait_for_it_is_heard(listens: str) -> None:
    code = "import signal\n" + listens + IN_THE_MIDDLE_OF_ITS_WAIT
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert ran.stdout == "True\n"
